package io.ublkcsi.engine.sys;

/** {@code struct fiemap_extent} (include/uapi/linux/fiemap.h). */
final class FiemapExtent {
    static final int LENGTH = 56;
    static final int FE_LOGICAL = 0;
    static final int FE_LENGTH = 16;
    static final int FE_FLAGS = 40;

    /** Where its blocks are is not known, or not decided yet. */
    static final int FIEMAP_EXTENT_UNKNOWN = 2;

    static final int FIEMAP_EXTENT_DELALLOC = 4;
    /** Another file has the same blocks: a write takes new ones. */
    static final int FIEMAP_EXTENT_SHARED = 0x2000;

    private FiemapExtent() {}
}
