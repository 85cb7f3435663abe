package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/** A real eventfd seen by the simulated kernel: a read of it ends once somebody has written to it. */
final class SimulatedEventFd implements SimulatedFile {
    private static final int F_SETFL = 4;
    private static final int NO_ENTRY = -1;

    private final int descriptor;
    private int reader = NO_ENTRY;
    private SimulatedRing readerRing;
    private MemorySegment buffer = MemorySegment.NULL;

    SimulatedEventFd(int descriptor) {
        this.descriptor = descriptor;
        if (Linux.fcntl(descriptor, F_SETFL, Linux.O_NONBLOCK) < 0) {
            throw new AssertionError("descriptor " + descriptor + " is neither simulated nor real");
        }
    }

    @Override
    public int execute(SimulatedRing ring, int entry) {
        if (ring.opcode(entry) != Sqe.READ) {
            return -Errno.EINVAL;
        }
        reader = entry;
        readerRing = ring;
        buffer = Memory.at(ring.address(entry), ring.length(entry));
        poll(ring);
        return PENDING;
    }

    /** Ends the ring's read that waits if there is something to read now; another ring's may be a dead server's. */
    boolean poll(SimulatedRing ring) {
        if (reader == NO_ENTRY || readerRing != ring) {
            return false;
        }
        int entry = reader;
        int result = (int) Linux.read(descriptor, buffer);
        if (result == -Errno.EAGAIN) {
            return false;
        }
        reader = NO_ENTRY;
        ring.finish(entry, result);
        return true;
    }
}
