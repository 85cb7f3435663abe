package io.ublkcsi.engine.sys;

import java.lang.foreign.MemorySegment;

/** {@code struct __kernel_timespec} (include/uapi/linux/time_types.h). */
public final class Timespec {
    public static final int LENGTH = 16;
    public static final int TV_SEC = 0;
    public static final int TV_NSEC = 8;

    private static final long NS_PER_SECOND = 1_000_000_000L;

    private Timespec() {}

    /** Writes a duration of at least 0 ns at {@code offset}. */
    public static void write(MemorySegment memory, long offset, long durationNs) {
        memory.set(Memory.LONG, offset + TV_SEC, durationNs / NS_PER_SECOND);
        memory.set(Memory.LONG, offset + TV_NSEC, durationNs % NS_PER_SECOND);
    }
}
