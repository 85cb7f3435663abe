package io.ublkcsi.engine.backend.file;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/** Zeroed memory to write from, for file systems that cannot zero a range by themselves. */
final class Zeroes implements AutoCloseable {
    private static final int BYTES = 1 << 16;

    private final MemorySegment memory = Memory.allocatePages(BYTES);

    long address() {
        return memory.address();
    }

    int length() {
        return BYTES;
    }

    @Override
    public void close() {
        Memory.freePages(memory);
    }
}
