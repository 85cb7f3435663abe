package io.ublkcsi.engine.frontend.tcmu;

/** {@code struct nlmsghdr} (include/uapi/linux/netlink.h): what each message of a netlink socket begins with. */
final class NetlinkHeader {
    static final int LENGTH = 16;
    /** Of the message with this header. */
    static final int NLMSG_LEN = 0;

    static final int NLMSG_TYPE = 4;
    static final int NLMSG_FLAGS = 6;

    static final int NLM_F_REQUEST = 1;
    /** A type: the kernel refuses what it was asked for; an errno follows. */
    static final int NLMSG_ERROR = 2;

    static final int NETLINK_GENERIC = 16;
    static final int AF_NETLINK = 16;
    static final int SOL_NETLINK = 270;
    static final int NETLINK_ADD_MEMBERSHIP = 1;

    private NetlinkHeader() {}
}
