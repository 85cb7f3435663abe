package io.ublkcsi.engine.uring;

/** {@code struct io_uring_buf} (include/uapi/linux/io_uring.h). */
final class BufferRingEntry {
    static final int LENGTH = 16;
    static final int ADDR = 0;
    static final int LEN = 8;
    static final int BID = 12;

    private BufferRingEntry() {}
}
