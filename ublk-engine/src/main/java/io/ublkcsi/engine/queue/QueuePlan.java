package io.ublkcsi.engine.queue;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.uring.Ring;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link QueueAgent} is to serve.
 *
 * @param affinity CPU mask for the thread, or null to leave it alone
 */
public record QueuePlan(int depth, @Nullable MemorySegment affinity, QueueMetrics metrics, Opener opener) {
    /** The ring's fixed files: the frontend's device, the backend's file, and the wake-up. */
    public static final int DEVICE_SLOT = 0;

    public static final int FILE_SLOT = 1;
    public static final int WAKEUP_SLOT = 2;
    public static final int FILE_SLOTS = 3;

    /** Makes the two sides of the queue, on its thread. */
    @FunctionalInterface
    public interface Opener {
        /**
         * @param backend told of the backend's side, which takes the ring's completions
         */
        FrontendQueue open(Ring ring, Consumer<BackendQueue> backend);
    }
}
