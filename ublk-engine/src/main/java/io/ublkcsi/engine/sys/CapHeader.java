package io.ublkcsi.engine.sys;

/** {@code struct __user_cap_header_struct} (include/uapi/linux/capability.h). */
final class CapHeader {
    static final int LENGTH = 8;
    static final int VERSION = 0;
    static final int PID = 4;

    private CapHeader() {}
}
