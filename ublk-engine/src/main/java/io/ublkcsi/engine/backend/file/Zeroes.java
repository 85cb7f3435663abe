package io.ublkcsi.engine.backend.file;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Zeroed memory to write from, for file systems that cannot zero a range by themselves. All queues share it: nobody
 * writes to it, and it stays for the life of the process.
 */
final class Zeroes {
    static final int BYTES = 1 << 16;

    private static final MemorySegment MEMORY = Memory.allocatePages(BYTES);

    private Zeroes() {}

    static long address() {
        return MEMORY.address();
    }
}
