package io.ublkcsi.engine.uring;

/** {@code struct io_uring_rsrc_register} (include/uapi/linux/io_uring.h). */
final class ResourceRegister {
    static final int LENGTH = 32;
    static final int NR = 0;
    static final int FLAGS = 4;

    private ResourceRegister() {}
}
