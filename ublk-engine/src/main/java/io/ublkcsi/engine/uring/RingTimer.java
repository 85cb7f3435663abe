package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A fixed time to wait, for any tag, on a queue's ring: ends as a completion of the given step. On the queue's
 * thread.
 */
public final class RingTimer {
    private static final int NO_FILE = -1;

    private final Ring ring;
    private final int slot;
    private final int operation;
    private final MemorySegment timespec = Arena.ofAuto().allocate(Timespec.LENGTH, Long.BYTES);

    public RingTimer(Ring ring, int slot, int operation, long timeNs) {
        this.ring = ring;
        this.slot = slot;
        this.operation = operation;
        Timespec.write(timespec, 0, timeNs);
    }

    public void start(int tag) {
        long user = UserData.encode(slot, UserData.BACKEND, operation, tag);
        ring.prepare(Sqe.TIMEOUT, 0, NO_FILE, 0, timespec.address(), 1, 0, 0, user);
    }
}
