package io.ublkcsi.engine.uring;

/** {@code struct io_uring_buf_reg} (include/uapi/linux/io_uring.h). */
final class BufferRingRegister {
    static final int LENGTH = 40;
    static final int RING_ADDR = 0;
    static final int RING_ENTRIES = 8;
    static final int BGID = 12;

    private BufferRingRegister() {}
}
