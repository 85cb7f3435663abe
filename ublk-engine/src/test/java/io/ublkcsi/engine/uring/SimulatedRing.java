package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * One ring of the simulated kernel, its queues in plain memory laid out as the kernel lays them out. Entries run in
 * random order; chains follow io_uring/io_uring.c and io_uring/timeout.c of 7.2: a failed or short entry cancels the
 * rest of a soft chain, and one that asked for silence about success takes the rest with it in silence.
 */
public final class SimulatedRing {
    private static final int SQ_HEAD = 0;
    private static final int SQ_TAIL = 4;
    private static final int CQ_HEAD = 8;
    private static final int CQ_TAIL = 12;
    private static final int SQ_MASK = 16;
    private static final int CQ_MASK = 20;
    private static final int SQ_DROPPED = 32;
    private static final int SQ_FLAGS = 36;
    private static final int CQ_OVERFLOW = 44;
    private static final int CQES = 64;
    private static final int MAX_IN_FLIGHT = 1 << 14;

    private final SimulatedUring kernel;
    private final SeededRandom random;
    private final SimulatedEntries entries = new SimulatedEntries(MAX_IN_FLIGHT);
    private final SimulatedTables tables;
    private final Thread issuer;
    private final int sqEntries;
    private final int cqEntries;
    private final int sqeLength;
    private final int array;
    private final boolean submitsAll;
    private final MemorySegment queues;
    private final MemorySegment sqes;
    private final int[] ready = new int[MAX_IN_FLIGHT];
    private final SimulatedTimers timers = new SimulatedTimers();
    private int readyCount;
    private int sqHead;
    private int cqTail;
    private int chainHead = SimulatedEntries.NONE;
    private int chainLast;
    private boolean closed;

    /** Plays io_uring_setup: reads what {@code params} asks for, and fills in the rest. */
    SimulatedRing(SimulatedUring kernel, int wanted, MemorySegment params) {
        this.kernel = kernel;
        this.random = kernel.random();
        this.tables = new SimulatedTables(kernel);
        this.issuer = Thread.currentThread();
        int flags = params.get(Memory.INT, UringParams.FLAGS);
        this.sqEntries = roundUpToPowerOfTwo(wanted);
        boolean sized = (flags & UringParams.SETUP_CQSIZE) != 0;
        this.cqEntries = sized ? roundUpToPowerOfTwo(params.get(Memory.INT, UringParams.CQ_ENTRIES)) : 2 * sqEntries;
        this.sqeLength = (flags & UringParams.SETUP_SQE128) != 0 ? Sqe.LENGTH_128 : Sqe.LENGTH;
        this.submitsAll = (flags & UringParams.SETUP_SUBMIT_ALL) != 0;
        this.array = CQES + cqEntries * Cqe.LENGTH;
        this.queues = kernel.allocate(array + 4L * sqEntries);
        this.sqes = kernel.allocate((long) sqeLength * sqEntries);
        queues.set(Memory.INT, SQ_MASK, sqEntries - 1);
        queues.set(Memory.INT, CQ_MASK, cqEntries - 1);
        describe(params);
    }

    private static int roundUpToPowerOfTwo(int value) {
        return value <= 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
    }

    private void describe(MemorySegment params) {
        params.set(Memory.INT, UringParams.SQ_ENTRIES, sqEntries);
        params.set(Memory.INT, UringParams.CQ_ENTRIES, cqEntries);
        params.set(Memory.INT, UringParams.FEATURES, 1);
        params.set(Memory.INT, UringParams.SQ_HEAD, SQ_HEAD);
        params.set(Memory.INT, UringParams.SQ_TAIL, SQ_TAIL);
        params.set(Memory.INT, UringParams.SQ_RING_MASK, SQ_MASK);
        params.set(Memory.INT, UringParams.SQ_FLAGS, SQ_FLAGS);
        params.set(Memory.INT, UringParams.SQ_DROPPED, SQ_DROPPED);
        params.set(Memory.INT, UringParams.SQ_ARRAY, array);
        params.set(Memory.INT, UringParams.CQ_HEAD, CQ_HEAD);
        params.set(Memory.INT, UringParams.CQ_TAIL, CQ_TAIL);
        params.set(Memory.INT, UringParams.CQ_RING_MASK, CQ_MASK);
        params.set(Memory.INT, UringParams.CQ_OVERFLOW, CQ_OVERFLOW);
        params.set(Memory.INT, UringParams.CQ_CQES, CQES);
    }

    long map(long length, long offset) {
        MemorySegment area = offset == UringParams.OFF_SQES ? sqes : queues;
        boolean known = offset == UringParams.OFF_SQES || offset == UringParams.OFF_SQ_RING;
        return known && length <= area.byteSize() ? area.address() : -Errno.EINVAL;
    }

    SimulatedTables tables() {
        return tables;
    }

    /** SINGLE_ISSUER: the thread that made the ring is the only one that may use it. */
    boolean isIssuer() {
        return Thread.currentThread().equals(issuer);
    }

    // ---- what a file may ask of the entry that it executes

    public int opcode(int entry) {
        return entries.opcode[entry];
    }

    public long offset(int entry) {
        return entries.offset[entry];
    }

    /** {@code sqe->addr} as it stands there. */
    public long address(int entry) {
        return entries.address[entry];
    }

    public int length(int entry) {
        return entries.length[entry];
    }

    public int opFlags(int entry) {
        return entries.opFlags[entry];
    }

    /** {@code sqe->cmd_op}. */
    public int command(int entry) {
        return (int) entries.offset[entry];
    }

    /** The first 8 bytes of a command's own. */
    public long word0(int entry) {
        return entries.word0[entry];
    }

    public long word1(int entry) {
        return entries.word1[entry];
    }

    /** Where the data of a read or write is: an absolute address, or {@code -errno}. */
    public long data(int entry) {
        boolean fixed = opcode(entry) == Sqe.READ_FIXED || opcode(entry) == Sqe.WRITE_FIXED;
        if (!fixed) {
            return entries.address[entry] < Memory.PAGE_BYTES ? -Errno.EFAULT : entries.address[entry];
        }
        boolean write = opcode(entry) == Sqe.WRITE_FIXED;
        return tables.data(entries.buffer[entry], entries.address[entry], entries.length[entry], write);
    }

    /** The length of all pieces of a vectored entry. */
    public int vectorBytes(int entry) {
        int bytes = 0;
        for (int piece = 0; piece < entries.length[entry]; piece++) {
            bytes += (int) Absolute.getLong(pieceAt(entry, piece) + Iovec.IOV_LEN);
        }
        return bytes;
    }

    /** The address of one {@code struct iovec} of a vectored entry. */
    public long pieceAt(int entry, int piece) {
        return entries.address[entry] + (long) piece * Iovec.LENGTH;
    }

    /** Puts a request's own pages into the table of fixed buffers (io_buffer_register_bvec); 0 or {@code -errno}. */
    public int registerPages(int index, long address, long length, boolean write, Runnable unregistered) {
        return tables.registerPages(index, address, length, write, unregistered);
    }

    public int unregisterPages(int index) {
        return tables.unregisterPages(index);
    }

    /** Where the buffer is that a command gets next (io_uring_cmd_buffer_select); 0: there is none. */
    public long providedBuffer(int entry) {
        long found = tables.nextProvided(entries.buffer[entry]);
        return found == 0 ? 0 : Absolute.getLong(found + BufferRingEntry.ADDR);
    }

    /** How long that buffer is. */
    public int providedLength(int entry) {
        return Absolute.getInt(tables.nextProvided(entries.buffer[entry]) + BufferRingEntry.LEN);
    }

    /** Posts a completion of a command that lives on, and gives it that buffer (io_uring_mshot_cmd_post_cqe). */
    public void finishMoreInBuffer(int entry, int result) {
        int id = tables.takeProvided(entries.buffer[entry]);
        post(entries.user[entry], result, Cqe.F_MORE | 1 | id << Cqe.BUFFER_SHIFT);
    }

    // ---- submission

    /** Takes up to {@code limit} entries from the submission queue; answers how many. */
    int submit(int limit) {
        int tail = Memory.getAcquire(queues, SQ_TAIL);
        int count = Math.min(limit, tail - sqHead);
        int taken = 0;
        while (taken < count && !stopsEarly(taken)) {
            int index = queues.get(Memory.INT, array + 4L * (sqHead++ & sqEntries - 1));
            if (index < 0 || index >= sqEntries) {
                queues.set(Memory.INT, SQ_DROPPED, queues.get(Memory.INT, SQ_DROPPED) + 1);
                break;
            }
            taken++;
            if (!assemble(entries.take(sqes, (long) index * sqeLength)) && !submitsAll) {
                break;
            }
        }
        if (chainHead != SimulatedEntries.NONE) {
            int head = chainHead;
            chainHead = SimulatedEntries.NONE;
            start(head);
        }
        Memory.setRelease(queues, SQ_HEAD, sqHead);
        return taken == 0 && count > 0 ? -Errno.EAGAIN : taken;
    }

    private boolean stopsEarly(int taken) {
        SimulatedFaults faults = kernel.faults();
        boolean inChain = chainHead != SimulatedEntries.NONE;
        return random.chance(taken == 0 ? faults.exhausted() : faults.partial()) && (!inChain || faults.splitChains());
    }

    /** {@code io_submit_sqe}: starts an entry, or puts it into the chain that is being read; false when refused. */
    private boolean assemble(int entry) {
        int refused = SubmissionChecks.check(entries, entry);
        if (refused != 0) {
            entries.fail(entry, refused);
            if (chainHead != SimulatedEntries.NONE && !entries.has(chainHead, SimulatedEntries.FAILED)) {
                entries.fail(chainHead, -Errno.ECANCELED);
            }
        }
        if (chainHead == SimulatedEntries.NONE) {
            chainHead = entry;
        } else {
            entries.next[chainLast] = entry;
            entries.state[entry] |= SimulatedEntries.FOLLOWS;
        }
        chainLast = entry;
        if (!entries.isLinked(entry)) {
            int head = chainHead;
            chainHead = SimulatedEntries.NONE;
            start(head);
            return refused == 0;
        }
        return true;
    }

    private void start(int head) {
        if (entries.has(head, SimulatedEntries.FAILED)) {
            entries.flags[head] &= ~Sqe.IO_HARDLINK;
            end(head);
        } else if (random.chance(kernel.faults().inline())) {
            run(head);
        } else {
            ready[readyCount++] = head;
        }
    }

    // ---- execution

    /** Lets one of the entries in flight run; false when none can. */
    boolean runOne() {
        if (timers.expire(this, kernel.nowNs())) {
            return true;
        }
        if (readyCount == 0) {
            return false;
        }
        int at = random.below(readyCount);
        int entry = ready[at];
        ready[at] = ready[--readyCount];
        run(entry);
        return true;
    }

    private void run(int entry) {
        switch (entries.opcode[entry]) {
            case Sqe.NOP -> finish(entry, 0);
            case Sqe.TIMEOUT -> timers.add(entry, kernel.nowNs(), entries.address[entry]);
            default -> runOnFile(entry);
        }
    }

    private void runOnFile(int entry) {
        SimulatedFile file = tables.file(entries.file[entry], (entries.flags[entry] & Sqe.FIXED_FILE) != 0);
        if (file == null) {
            entries.fail(entry, -Errno.EBADF);
            end(entry);
            return;
        }
        if (kernel.readsCommandsLate() && entries.has(entry, SimulatedEntries.FOLLOWS)) {
            entries.readCommand(sqes, entry);
        }
        int result = file.execute(this, entry);
        if (result != SimulatedFile.PENDING) {
            finish(entry, result);
        }
    }

    /** Ends an entry with what its file says; whether that breaks its chain is for the operation to say. */
    public void finish(int entry, int result) {
        boolean fails = switch (entries.opcode[entry]) {
            case Sqe.READ, Sqe.WRITE, Sqe.READ_FIXED, Sqe.WRITE_FIXED -> result != entries.length[entry];
            case Sqe.READV, Sqe.WRITEV -> result != vectorBytes(entry);
            // io_fsync and io_fallocate never call req_set_fail: their errors pass for success in a chain.
            case Sqe.FSYNC, Sqe.FALLOCATE -> false;
            default -> result < 0;
        };
        if (fails) {
            entries.fail(entry, result);
        } else {
            entries.result[entry] = result;
        }
        end(entry);
    }

    private void end(int entry) {
        if (!entries.has(entry, SimulatedEntries.SILENT)) {
            post(entries.user[entry], entries.result[entry]);
        }
        int next = entries.next[entry];
        boolean hard = (entries.flags[entry] & Sqe.IO_HARDLINK) != 0;
        if (next != SimulatedEntries.NONE && entries.has(entry, SimulatedEntries.FAILED) && !hard) {
            cancel(next, entries.has(entry, SimulatedEntries.SILENT_LINKS));
        } else if (next != SimulatedEntries.NONE) {
            ready[readyCount++] = next;
        }
        entries.release(entry);
    }

    private void cancel(int first, boolean silently) {
        int entry = first;
        while (entry != SimulatedEntries.NONE) {
            if (!silently) {
                boolean failed = entries.has(entry, SimulatedEntries.FAILED);
                post(entries.user[entry], failed ? entries.result[entry] : -Errno.ECANCELED);
            }
            int next = entries.next[entry];
            entries.release(entry);
            entry = next;
        }
    }

    // ---- completion

    /** Posts a completion of an entry that lives on, such as a poll that was asked for more than one. */
    public void finishMore(int entry, int result) {
        post(entries.user[entry], result, Cqe.F_MORE);
    }

    private void post(long user, int result) {
        post(user, result, 0);
    }

    private void post(long user, int result, int flags) {
        if (closed) {
            return;
        }
        if (completions() == cqEntries) {
            throw new AssertionError("the completion queue is too small: " + cqEntries + " completions wait in it");
        }
        long at = CQES + (long) (cqTail++ & cqEntries - 1) * Cqe.LENGTH;
        queues.set(Memory.LONG, at, user);
        queues.set(Memory.INT, at + Cqe.RES, result);
        queues.set(Memory.INT, at + Cqe.FLAGS, flags);
        Memory.setRelease(queues, CQ_TAIL, cqTail);
    }

    int completions() {
        return cqTail - Memory.getAcquire(queues, CQ_HEAD);
    }

    /** When the next timer ends; {@link Long#MAX_VALUE}: never. */
    long nextTimerNs() {
        return timers.nextNs();
    }

    int inFlight() {
        return entries.inUse();
    }

    /** The descriptor is closed: what runs may still run, the rest is dropped, and only then are the files let go. */
    void close() {
        closed = true;
        while (readyCount > 0) {
            if (random.chance(500)) {
                runOne();
            } else {
                readyCount--;
            }
        }
        tables.close();
    }

    @Override
    public String toString() {
        return inFlight() + " entries in flight, " + readyCount + " of them ready";
    }
}
