package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/** Memory full of one block's repetitions, for WRITE SAME of what is not zero. One command at a time has it. */
final class PatternBuffer implements AutoCloseable {
    private static final int BYTES = 1 << 16;

    private final MemorySegment memory = Memory.allocatePages(BYTES);

    /** Fills the whole buffer with the block at {@code offset}, whose length is a power of two. */
    void fill(MemorySegment from, long offset, int blockBytes) {
        for (int at = 0; at < BYTES; at += blockBytes) {
            MemorySegment.copy(from, offset, memory, at, blockBytes);
        }
    }

    long address() {
        return memory.address();
    }

    int bytes() {
        return BYTES;
    }

    @Override
    public void close() {
        Memory.freePages(memory);
    }
}
