package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * io_uring played over plain memory from a seed: what completes when, how much a transfer does, when an enter is cut
 * short. The same seed and the same calls give the same run. Time is simulated: a wait never takes any.
 *
 * <p>For the thread that makes the ring; only {@link #close} may come from another.
 */
public final class SimulatedUring implements UringSyscalls, AutoCloseable {
    /** Above any real descriptor, so that nothing real is hit by a call that bypasses the simulation. */
    private static final int FIRST_DESCRIPTOR = 1 << 20;

    private static final int ENTER_GETEVENTS = 1;
    private static final long STEP_NS = 1_000;
    private static final int POLL_EVERY = 64;

    private final SeededRandom random;
    private final SimulatedFaults faults;
    private final Arena arena = Arena.ofShared();
    private final List<Object> descriptors = new ArrayList<>();
    private final Map<SimulatedFile, Integer> holders = new IdentityHashMap<>();
    private final List<SimulatedEventFd> events = new ArrayList<>();
    private SimulatedActor[] actors = {};
    private boolean readsCommandsLate;
    private long nowNs;
    private long steps;

    public SimulatedUring(long seed, SimulatedFaults faults) {
        this.random = new SeededRandom(seed);
        this.faults = faults;
    }

    /** Opens a file; answers its descriptor. */
    public int addFile(SimulatedFile file) {
        descriptors.add(file);
        holds(file);
        return FIRST_DESCRIPTOR + descriptors.size() - 1;
    }

    /** Lets an actor act while the kernel waits. */
    public void addActor(SimulatedActor actor) {
        actors = Arrays.copyOf(actors, actors.length + 1);
        actors[actors.length - 1] = actor;
    }

    /** From now on a command's own bytes are read when it is its turn in its chain, as kernels before 6.15 do. */
    public void readCommandsLate() {
        readsCommandsLate = true;
    }

    boolean readsCommandsLate() {
        return readsCommandsLate;
    }

    public long nowNs() {
        return nowNs;
    }

    SeededRandom random() {
        return random;
    }

    SimulatedFaults faults() {
        return faults;
    }

    MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, 64);
    }

    // ---- descriptors

    /** The file of a descriptor; one that is not simulated is taken for an eventfd. Null when closed, or -1. */
    SimulatedFile open(int descriptor) {
        if (descriptor >= FIRST_DESCRIPTOR) {
            Object file = descriptors.get(descriptor - FIRST_DESCRIPTOR);
            return file instanceof SimulatedFile simulated ? simulated : null;
        }
        if (descriptor < 0) {
            return null;
        }
        SimulatedEventFd event = new SimulatedEventFd(descriptor);
        events.add(event);
        return event;
    }

    void holds(SimulatedFile file) {
        if (file != null) {
            holders.merge(file, 1, Integer::sum);
        }
    }

    void letsGo(SimulatedFile file) {
        if (file != null && holders.merge(file, -1, Integer::sum) == 0) {
            holders.remove(file);
            file.released();
        }
    }

    private SimulatedRing ring(int descriptor) {
        int index = descriptor - FIRST_DESCRIPTOR;
        boolean known = index >= 0 && index < descriptors.size();
        return known && descriptors.get(index) instanceof SimulatedRing ring ? ring : null;
    }

    // ---- system calls

    @Override
    public int setup(int entries, MemorySegment params) {
        descriptors.add(new SimulatedRing(this, entries, params));
        return FIRST_DESCRIPTOR + descriptors.size() - 1;
    }

    @Override
    public long mmap(int fd, long length, int protection, long offset) {
        SimulatedRing ring = ring(fd);
        return ring != null ? ring.map(length, offset) : open(fd).map(length, protection, offset);
    }

    @Override
    public int munmap(long address, long length) {
        return 0;
    }

    /** Closes a descriptor, as the engine's own {@code close} cannot. */
    @Override
    public int close(int fd) {
        SimulatedRing ring = ring(fd);
        SimulatedFile file = ring == null ? open(fd) : null;
        descriptors.set(fd - FIRST_DESCRIPTOR, null);
        if (ring != null) {
            ring.close();
        }
        letsGo(file);
        return 0;
    }

    @Override
    public int register(int fd, int operation, long argument, int count) {
        SimulatedRing ring = ring(fd);
        if (ring == null || !ring.isIssuer()) {
            return ring == null ? -Errno.EINVAL : -Errno.EEXIST;
        }
        return ring.tables().register(operation, argument, count);
    }

    @Override
    public int enter(int fd, int submit, int minComplete, int flags) {
        return enter(fd, submit, minComplete, flags, Long.MAX_VALUE);
    }

    @Override
    public int enterTimed(int fd, int submit, int minComplete, int flags, long timeoutNs) {
        return enter(fd, submit, minComplete, flags, nowNs + timeoutNs);
    }

    private int enter(int fd, int submit, int minComplete, int flags, long deadlineNs) {
        SimulatedRing ring = ring(fd);
        if (ring == null || !ring.isIssuer()) {
            return ring == null ? -Errno.EINVAL : -Errno.EEXIST;
        }
        int submitted = submit == 0 ? 0 : ring.submit(submit);
        if (submitted != submit || (flags & ENTER_GETEVENTS) == 0) {
            return submitted;
        }
        int waited = await(ring, minComplete, deadlineNs);
        return submitted > 0 ? submitted : waited;
    }

    private int await(SimulatedRing ring, int minComplete, long deadlineNs) {
        int extra = random.below(8);
        while (ring.completions() < minComplete || extra-- > 0) {
            if (random.chance(faults.interrupted())) {
                return ring.completions() > 0 ? 0 : -Errno.EINTR;
            }
            if (step(ring)) {
                continue;
            }
            if (ring.completions() >= minComplete) {
                return 0;
            }
            if (!leapTo(Math.min(ring.nextTimerNs(), deadlineNs))) {
                throw new AssertionError("this wait would never end: " + ring);
            }
            if (nowNs >= deadlineNs) {
                return ring.completions() > 0 ? 0 : -Errno.ETIME;
            }
        }
        return 0;
    }

    /** Lets one thing happen somewhere; false when nothing can. */
    private boolean step(SimulatedRing ring) {
        nowNs += STEP_NS;
        if (++steps % POLL_EVERY == 0 && pollEvents(ring)) {
            return true;
        }
        boolean ringFirst = random.below(2) == 0;
        return ringFirst && ring.runOne() || act() || !ringFirst && ring.runOne() || pollEvents(ring);
    }

    private boolean act() {
        if (actors.length == 0) {
            return false;
        }
        int first = random.below(actors.length);
        for (int i = 0; i < actors.length; i++) {
            if (actors[(first + i) % actors.length].act()) {
                return true;
            }
        }
        return false;
    }

    private boolean pollEvents(SimulatedRing ring) {
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i).poll(ring)) {
                return true;
            }
        }
        return false;
    }

    private boolean leapTo(long thenNs) {
        if (thenNs == Long.MAX_VALUE) {
            return false;
        }
        nowNs = Math.max(nowNs, thenNs);
        return true;
    }

    /** Frees the memory of every ring; nothing may use one afterwards. */
    @Override
    public void close() {
        arena.close();
    }

    /** Memory for a test's data, freed with the kernel. */
    public MemorySegment pages(long bytes) {
        return arena.allocate(bytes, Memory.PAGE_BYTES);
    }
}
