package io.ublkcsi.engine.uring;

/** {@code struct io_uring_cqe} (include/uapi/linux/io_uring.h). */
public final class Cqe {
    public static final int LENGTH = 16;
    public static final int USER_DATA = 0;
    public static final int RES = 8;
    public static final int FLAGS = 12;

    /** {@code IORING_CQE_F_MORE}: the submission lives on and will complete again. */
    public static final int F_MORE = 1 << 1;
    /** {@code IORING_CQE_BUFFER_SHIFT}: above it the number of the buffer that the kernel took. */
    public static final int BUFFER_SHIFT = 16;

    private Cqe() {}
}
