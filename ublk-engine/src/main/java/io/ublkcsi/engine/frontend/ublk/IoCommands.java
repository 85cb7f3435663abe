package io.ublkcsi.engine.frontend.ublk;

/**
 * How a queue asks the driver for requests and gives it their results. Owned by the queue's thread.
 *
 * <p>What it submits carries {@link UblkQueue#COMMAND}, or an operation of its own.
 */
interface IoCommands {
    /** Asks for requests; see {@link UblkQueue#arriving} and {@link UblkQueue#arrived}. */
    void start();

    /**
     * Gives the driver a request's result.
     *
     * @param chained as the last entry of a chain, whose submission follows at once
     */
    void commit(int tag, int result, boolean chained);

    /** One of these commands has ended. */
    void onCompletion(int tag, int operation, int result);

    /** Every completion that was there has been handled: sends what was put off until now. */
    void endBatch();

    /** The driver gives no more requests. */
    boolean isEnded();

    /** Gives memory back, after the ring's end. */
    void close();
}
