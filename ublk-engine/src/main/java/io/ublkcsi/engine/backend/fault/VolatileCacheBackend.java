package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendAround;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueContext;

/**
 * Another backend's volume behind a volatile write cache in this process's memory: what was not flushed dies with it.
 */
final class VolatileCacheBackend extends BackendAround {
    private static final long CACHE_BYTES = 1L << 25;

    private final VolatileCache cache;

    VolatileCacheBackend(Backend volume) {
        super(volume);
        this.cache = new VolatileCache(CACHE_BYTES, volume.limits().logicalBytes());
    }

    /** The kernel must send flushes, and let us see the data. */
    @Override
    public BlockLimits limits() {
        BlockLimits of = volume.limits();
        return new BlockLimits(
                of.sizeBytes(),
                of.logicalBytes(),
                of.physicalBytes(),
                of.optimalBytes(),
                of.memoryAlignBytes(),
                of.maxTransferBytes(),
                of.readOnly(),
                true,
                of.discard(),
                of.writeZeroes(),
                of.rotational(),
                true);
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        return new VolatileCacheQueue(context, volume, cache);
    }

    @Override
    public void close() {
        super.close();
        cache.close();
    }
}
