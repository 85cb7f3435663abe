package io.ublkcsi.engine.frontend.tcmu;

/**
 * {@code struct genlmsghdr} (include/uapi/linux/genetlink.h), which follows {@link NetlinkHeader}; and how to find out
 * the number of a family and of its group of listeners.
 */
final class GenericHeader {
    static final int LENGTH = 4;
    static final int CMD = 0;
    static final int VERSION = 1;

    /** The family that knows the others. */
    static final int GENL_ID_CTRL = 16;

    static final int CTRL_CMD_GETFAMILY = 3;
    static final int CTRL_ATTR_FAMILY_ID = 1;
    static final int CTRL_ATTR_FAMILY_NAME = 2;
    static final int CTRL_ATTR_MCAST_GROUPS = 7;
    static final int CTRL_ATTR_MCAST_GRP_NAME = 1;
    static final int CTRL_ATTR_MCAST_GRP_ID = 2;

    private GenericHeader() {}
}
