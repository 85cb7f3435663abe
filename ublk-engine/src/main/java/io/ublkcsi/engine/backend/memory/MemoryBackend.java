package io.ublkcsi.engine.backend.memory;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/** A volume in the process's own memory, gone with it. Takes up what was written, and gives back what is discarded. */
public final class MemoryBackend implements Backend {
    private final BlockLimits limits;
    private final MemorySegment memory;

    public MemoryBackend(long sizeBytes, int logicalBytes) {
        this.limits = BlockLimits.memory(sizeBytes, logicalBytes);
        this.memory = Memory.reservePages(sizeBytes);
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        return new MemoryQueue(context, memory);
    }

    @Override
    public void close() {
        Memory.freePages(memory);
    }
}
