package io.ublkcsi.engine.sys;

/** {@code struct open_how} (include/uapi/linux/openat2.h). */
final class OpenHow {
    static final int LENGTH = 24;
    static final int FLAGS = 0;
    static final int MODE = 8;
    static final int RESOLVE = 16;

    private OpenHow() {}
}
