package io.ublkcsi.engine.uring;

/** {@code struct io_uring_params} with its two offset structs (include/uapi/linux/io_uring.h). */
public final class UringParams {
    public static final int LENGTH = 120;
    public static final int SQ_ENTRIES = 0;
    public static final int CQ_ENTRIES = 4;
    public static final int FLAGS = 8;
    public static final int FEATURES = 20;
    /** {@code struct io_sqring_offsets sq_off}. */
    public static final int SQ_OFF = 40;
    /** {@code struct io_cqring_offsets cq_off}. */
    public static final int CQ_OFF = 80;

    public static final int SQ_HEAD = SQ_OFF;
    public static final int SQ_TAIL = SQ_OFF + 4;
    public static final int SQ_RING_MASK = SQ_OFF + 8;
    public static final int SQ_FLAGS = SQ_OFF + 16;
    public static final int SQ_DROPPED = SQ_OFF + 20;
    public static final int SQ_ARRAY = SQ_OFF + 24;
    public static final int CQ_HEAD = CQ_OFF;
    public static final int CQ_TAIL = CQ_OFF + 4;
    public static final int CQ_RING_MASK = CQ_OFF + 8;
    public static final int CQ_OVERFLOW = CQ_OFF + 16;
    public static final int CQ_CQES = CQ_OFF + 20;

    public static final int SETUP_CQSIZE = 1 << 3;
    public static final int SETUP_CLAMP = 1 << 4;
    public static final int SETUP_SUBMIT_ALL = 1 << 7;
    public static final int SETUP_SQE128 = 1 << 10;
    public static final int SETUP_SINGLE_ISSUER = 1 << 12;
    public static final int SETUP_DEFER_TASKRUN = 1 << 13;

    public static final long OFF_SQ_RING = 0;
    public static final long OFF_SQES = 0x10000000L;

    private UringParams() {}
}
