package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * All of the process's memory by absolute address, as the kernel sees what it is given pointers to. Allocates nothing.
 */
public final class Absolute {
    @SuppressWarnings("restricted") // all of memory
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final long ZEROES_BYTES = 1 << 16;
    private static final long ZEROES =
            java.lang.foreign.Arena.global().allocate(ZEROES_BYTES, 8).address();

    private Absolute() {}

    public static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    public static void zero(long at, long bytes) {
        for (long done = 0; done < bytes; done += ZEROES_BYTES) {
            copy(ZEROES, at + done, Math.min(ZEROES_BYTES, bytes - done));
        }
    }

    public static int getInt(long at) {
        return ALL.get(Memory.INT, at);
    }

    public static long getLong(long at) {
        return ALL.get(Memory.LONG, at);
    }

    public static void setInt(long at, int value) {
        ALL.set(Memory.INT, at, value);
    }

    public static void setShort(long at, int value) {
        ALL.set(Memory.SHORT, at, (short) value);
    }

    public static void setLong(long at, long value) {
        ALL.set(Memory.LONG, at, value);
    }
}
