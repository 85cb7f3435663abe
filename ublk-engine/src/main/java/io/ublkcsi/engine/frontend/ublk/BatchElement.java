package io.ublkcsi.engine.frontend.ublk;

/** {@code struct ublk_elem_header} (include/uapi/linux/ublk_cmd.h), as one word: a tag that a command is about. */
final class BatchElement {
    static final int LENGTH = 8;
    static final int TAG = 0;
    static final int BUF_INDEX = 2;
    static final int RESULT = 4;

    private BatchElement() {}

    /** The tag's pages are registered at {@code index} of the ring's table of fixed buffers when it is given again. */
    static long word(int tag, int index, int result) {
        return (long) result << 32 | (long) index << 16 | tag;
    }
}
