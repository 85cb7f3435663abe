package io.ublkcsi.engine.frontend.ublk;

/**
 * {@code struct ublk_batch_io} (include/uapi/linux/ublk_cmd.h), at offset 48 of a submission, as one word. At
 * {@code sqe->addr} are the {@link BatchElement}s that it is about.
 */
final class BatchCommand {
    static final int LENGTH = 16;
    static final int Q_ID = 0;
    static final int FLAGS = 2;
    static final int NR_ELEM = 4;
    static final int ELEM_BYTES = 6;

    /** {@code UBLK_BATCH_F_AUTO_BUF_REG_FALLBACK}: see {@link ZeroCopy}. */
    static final int AUTO_BUF_REG_FALLBACK = 1 << 2;

    private BatchCommand() {}

    /** The first of the two words; the second is reserved. */
    static long word(int queue, int flags, int elements, int elementBytes) {
        return (long) elementBytes << 48 | (long) elements << 32 | (long) flags << 16 | queue;
    }
}
