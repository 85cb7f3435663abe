package io.ublkcsi.engine.block;

/** One queue's side towards the kernel: takes requests from it, hands them to a backend queue, and answers them. */
public interface FrontendQueue extends AutoCloseable {
    /** Asks the kernel for requests; on the queue's thread. */
    void start();

    /** One of this queue's ring entries has ended. */
    void onCompletion(int tag, int operation, int result);

    /**
     * The completions that were there have been handled, and the thread is about to wait: the place for what is done
     * once for many requests.
     */
    default void endBatch() {}

    /** The kernel has taken every tag back, and nothing is in flight. */
    boolean isDrained();

    /** From now on new requests wait; those that the backend has go on. */
    void hold();

    /** Ends {@link #hold}: what waited goes to the backend, in order. */
    void resume();

    /** After the queue was drained, or given up. */
    @Override
    void close();
}
