package io.ublkcsi.engine.frontend.tcmu;

/** What target_core_user says by generic netlink (include/uapi/linux/target_core_user.h). */
final class TargetNews {
    static final int CMD_ADDED_DEVICE = 1;
    static final int CMD_REMOVED_DEVICE = 2;
    static final int CMD_RECONFIG_DEVICE = 3;

    /** The UIO device's name. */
    static final int ATTR_DEVICE = 1;

    static final int ATTR_MINOR = 2;
    static final int ATTR_DEV_CFG = 4;
    static final int ATTR_DEV_SIZE = 5;
    static final int ATTR_WRITECACHE = 6;

    private TargetNews() {}
}
