package io.ublkcsi.engine.backend.none;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueContext;

/**
 * A volume that keeps nothing and answers at once, for measuring everything else. Reads show whatever was in the
 * buffer.
 */
public final class NoneBackend implements Backend {
    private static final int PHYSICAL_BYTES = 4096;

    private final BlockLimits limits;

    public NoneBackend(long sizeBytes, int logicalBytes) {
        int physicalBytes = Math.max(logicalBytes, PHYSICAL_BYTES);
        this.limits = new BlockLimits(
                sizeBytes, logicalBytes, physicalBytes, 0, 1, 0, false, false, true, true, false, false);
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        return new NoneQueue(context, limits.sizeBytes());
    }

    @Override
    public void close() {
        // There is nothing to let go of.
    }
}
