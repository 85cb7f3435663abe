package io.ublkcsi.engine.sys;

/** {@code struct statfs} of 64-bit machines (include/uapi/asm-generic/statfs.h). */
final class Statfs {
    static final int LENGTH = 120;
    static final int TYPE = 0;
    static final int BSIZE = 8;
    static final int BLOCKS = 16;
    static final int BFREE = 24;
    static final int BAVAIL = 32;

    private Statfs() {}
}
