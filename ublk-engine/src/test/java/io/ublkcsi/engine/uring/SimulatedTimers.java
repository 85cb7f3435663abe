package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Timespec;

/** The timeouts of one simulated ring, in simulated time. */
final class SimulatedTimers {
    private static final int CAPACITY = 1 << 12;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final int[] entries = new int[CAPACITY];
    private final long[] dueNs = new long[CAPACITY];
    private int count;

    void add(int entry, long nowNs, long timespec) {
        long seconds = Absolute.getLong(timespec + Timespec.TV_SEC);
        entries[count] = entry;
        dueNs[count++] = nowNs + seconds * NS_PER_SECOND + Absolute.getLong(timespec + Timespec.TV_NSEC);
    }

    long nextNs() {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            next = Math.min(next, dueNs[i]);
        }
        return next;
    }

    /** Ends one timeout that is due; false when none is. */
    boolean expire(SimulatedRing ring, long nowNs) {
        for (int i = 0; i < count; i++) {
            if (dueNs[i] <= nowNs) {
                int entry = entries[i];
                entries[i] = entries[--count];
                dueNs[i] = dueNs[count];
                ring.finish(entry, -Errno.ETIME);
                return true;
            }
        }
        return false;
    }
}
