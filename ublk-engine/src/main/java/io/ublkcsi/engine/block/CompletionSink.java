package io.ublkcsi.engine.block;

/** Where a backend queue reports the end of a request, on the queue's thread, perhaps inside {@code submit}. */
@FunctionalInterface
public interface CompletionSink {
    /**
     * @param result bytes for a read or write, 0 for the others, or {@code -errno}
     */
    void complete(int tag, int result);
}
