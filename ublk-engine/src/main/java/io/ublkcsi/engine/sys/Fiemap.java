package io.ublkcsi.engine.sys;

/** {@code struct fiemap}; {@link FiemapExtent}s follow it (include/uapi/linux/fiemap.h). */
final class Fiemap {
    static final int LENGTH = 32;
    static final int FM_START = 0;
    static final int FM_LENGTH = 8;
    static final int FM_FLAGS = 16;
    static final int FM_MAPPED_EXTENTS = 20;
    static final int FM_EXTENT_COUNT = 24;
    static final int FM_EXTENTS = 32;

    private Fiemap() {}
}
