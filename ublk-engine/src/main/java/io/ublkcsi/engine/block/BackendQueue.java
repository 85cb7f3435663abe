package io.ublkcsi.engine.block;

/**
 * One queue's way to a volume's bytes. Never blocks, allocates nothing. Every submitted tag is completed exactly
 * once, through the context's {@link CompletionSink}: bytes done for a read or write, 0 for the others, or {@code
 * -errno}.
 */
public interface BackendQueue {
    /**
     * Whether {@link #submit} would write exactly one ring entry for the request, whose success in full is the
     * request's. Such a request may be submitted with link flags.
     */
    boolean isSingleEntry(int tag);

    /**
     * Starts the request that stands under {@code tag}.
     *
     * @param linkFlags flags of {@code io_uring_sqe} for the request's entry when it is part of a chain, else 0. With
     *     {@code CQE_SKIP_SUCCESS} the sink hears of the request only if it did not end in full.
     */
    void submit(int tag, int linkFlags);

    /** One of this queue's ring entries has ended. */
    void onCompletion(int tag, int operation, int result);

    /** After the last completion. */
    default void close() {}
}
