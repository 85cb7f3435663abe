package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.sys.Timespec;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UserData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A fixed time to wait, for any tag, on a queue's ring: ends as a completion of the given step. On the queue's
 * thread.
 */
final class RingTimer {
    private static final int NO_FILE = -1;

    private final Ring ring;
    private final int slot;
    private final int operation;
    private final MemorySegment timespec = Arena.ofAuto().allocate(Timespec.LENGTH, Long.BYTES);

    RingTimer(Ring ring, int slot, int operation, long timeNs) {
        this.ring = ring;
        this.slot = slot;
        this.operation = operation;
        Timespec.write(timespec, 0, timeNs);
    }

    void start(int tag) {
        long user = UserData.encode(slot, UserData.BACKEND, operation, tag);
        ring.prepare(Sqe.TIMEOUT, 0, NO_FILE, 0, timespec.address(), 1, 0, 0, user);
    }
}
