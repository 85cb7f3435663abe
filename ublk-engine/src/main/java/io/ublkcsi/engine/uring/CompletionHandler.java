package io.ublkcsi.engine.uring;

/** Takes a ring's completions, on the ring's thread. */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * @param userData what the submission carried; see {@link UserData}
     * @param result the operation's result, or {@code -errno}
     */
    void onCompletion(long userData, int result);
}
