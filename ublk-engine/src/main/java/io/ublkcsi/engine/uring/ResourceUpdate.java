package io.ublkcsi.engine.uring;

/** {@code struct io_uring_rsrc_update2} (include/uapi/linux/io_uring.h). */
final class ResourceUpdate {
    static final int LENGTH = 32;
    static final int OFFSET = 0;
    static final int DATA = 8;
    static final int NR = 24;

    private ResourceUpdate() {}
}
