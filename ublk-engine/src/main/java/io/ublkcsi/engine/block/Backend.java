package io.ublkcsi.engine.block;

/**
 * Where a volume's bytes live. One per attached volume; made and closed by a control thread, which may block. Its
 * {@link BackendQueue}s do the I/O.
 */
public interface Backend extends AutoCloseable {
    /** As of now: a grown volume answers its new size. Any thread. */
    BlockLimits limits();

    /** Opens the volume for one queue; called on that queue's thread, once per queue. */
    BackendQueue openQueue(QueueContext context);

    /**
     * Called once every queue was opened and before the first I/O: descriptors that the queues' rings now hold are
     * given up here, so that the ring's end is the end of the backend's last write.
     */
    default void queuesOpened() {}

    /** Takes note of the volume's new size; blocks until {@link #limits} shows it. */
    default void refresh() {}

    /** From now on no request waits for better times: what waits fails, so that the device can end. Any thread. */
    default void giveUp() {}

    /** After every queue was closed. */
    @Override
    void close();
}
