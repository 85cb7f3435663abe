package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.block.QueueMetrics;
import java.util.List;
import java.util.function.Consumer;

/**
 * A live block device that shows one backend's volume. Its methods block, have deadlines, and are called by one control
 * thread at a time.
 */
public interface FrontendDevice {
    DeviceFacts facts();

    /** The size that the kernel shows, in bytes. */
    long sizeBytes();

    /**
     * Brings the device to its backend's size.
     *
     * @throws io.ublkcsi.engine.block.EngineException FAILED_PRECONDITION where the kernel can't while it is live
     */
    void resize();

    /**
     * Ends the device and everything that serves it.
     *
     * @param force although somebody has it open; his I/O fails
     * @throws io.ublkcsi.engine.block.EngineException FAILED_PRECONDITION while it is in use
     */
    void stop(boolean force);

    /**
     * Stops serving and leaves the device, with what its users are waiting for, to the next engine. Nothing else is
     * called afterwards.
     */
    default void handOver() {
        stop(true);
    }

    /** No queue hands a new request to the backend when this returns; undone by {@link #resume}. */
    void hold();

    void resume();

    /** Has {@code listener} told when a queue ends by a fault of ours, on that queue's thread. */
    void onFailure(Consumer<Throwable> listener);

    /** Live counters, one a queue. Any thread. */
    List<QueueMetrics> metrics();
}
