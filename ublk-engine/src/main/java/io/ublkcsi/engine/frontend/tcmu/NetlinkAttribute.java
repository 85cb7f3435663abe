package io.ublkcsi.engine.frontend.tcmu;

/** {@code struct nlattr} (include/uapi/linux/netlink.h): a value in a message, padded to 4 bytes. */
final class NetlinkAttribute {
    static final int LENGTH = 4;
    /** Of header and value, without what pads it. */
    static final int NLA_LEN = 0;

    static final int NLA_TYPE = 2;
    static final int NLA_TYPE_MASK = 0x3fff;
    static final int NLA_ALIGNTO = 4;

    private NetlinkAttribute() {}
}
