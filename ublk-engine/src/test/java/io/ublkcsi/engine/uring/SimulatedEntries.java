package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * The entries that the simulated kernel has taken from a submission queue and not ended: an index each, its fields in
 * arrays.
 */
final class SimulatedEntries {
    static final int NONE = -1;

    /** It has failed; a soft link ends here ({@code REQ_F_FAIL}). */
    static final int FAILED = 1;
    /** It posts no completion ({@code REQ_F_CQE_SKIP}). */
    static final int SILENT = 1 << 1;
    /** It was silent and failed: what follows in its chain is silent ({@code REQ_F_SKIP_LINK_CQES}). */
    static final int SILENT_LINKS = 1 << 2;
    /** Another entry is linked to it: it waits for that one. */
    static final int FOLLOWS = 1 << 3;

    final int[] opcode;
    final int[] flags;
    final int[] file;
    final long[] offset;
    final long[] address;
    final int[] length;
    final int[] opFlags;
    final long[] user;
    final int[] buffer;
    final int[] spliceFile;
    final long[] word0;
    final long[] word1;
    /** Where in the submission queue it stood. */
    final long[] source;

    final int[] next;
    final int[] state;
    final int[] result;
    private final int[] free;
    private int freeCount;

    SimulatedEntries(int capacity) {
        opcode = new int[capacity];
        flags = new int[capacity];
        file = new int[capacity];
        offset = new long[capacity];
        address = new long[capacity];
        length = new int[capacity];
        opFlags = new int[capacity];
        user = new long[capacity];
        buffer = new int[capacity];
        spliceFile = new int[capacity];
        word0 = new long[capacity];
        word1 = new long[capacity];
        source = new long[capacity];
        next = new int[capacity];
        state = new int[capacity];
        result = new int[capacity];
        free = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            free[i] = capacity - 1 - i;
        }
        freeCount = capacity;
    }

    int inUse() {
        return free.length - freeCount;
    }

    /** Copies the submission at {@code at}; the kernel looks at it no more afterwards. */
    int take(MemorySegment sqes, long at) {
        if (freeCount == 0) {
            throw new AssertionError("more than " + free.length + " entries in flight: some never end");
        }
        int entry = free[--freeCount];
        int head = sqes.get(Memory.INT, at);
        opcode[entry] = head & 0xff;
        flags[entry] = head >>> 8 & 0xff;
        file[entry] = sqes.get(Memory.INT, at + Sqe.FD);
        offset[entry] = sqes.get(Memory.LONG, at + Sqe.OFF);
        address[entry] = sqes.get(Memory.LONG, at + Sqe.ADDR);
        length[entry] = sqes.get(Memory.INT, at + Sqe.LEN);
        opFlags[entry] = sqes.get(Memory.INT, at + Sqe.OP_FLAGS);
        user[entry] = sqes.get(Memory.LONG, at + Sqe.USER_DATA);
        buffer[entry] = sqes.get(Memory.INT, at + Sqe.BUF_INDEX) & 0xffff;
        spliceFile[entry] = sqes.get(Memory.INT, at + Sqe.SPLICE_FD_IN);
        source[entry] = at;
        readCommand(sqes, entry);
        next[entry] = NONE;
        state[entry] = (flags[entry] & Sqe.CQE_SKIP_SUCCESS) != 0 ? SILENT : 0;
        result[entry] = 0;
        return entry;
    }

    /** A command's own bytes, as they stand in the submission queue now. */
    void readCommand(MemorySegment sqes, int entry) {
        word0[entry] = sqes.get(Memory.LONG, source[entry] + Sqe.CMD);
        word1[entry] = sqes.get(Memory.LONG, source[entry] + Sqe.CMD + 8);
    }

    void release(int entry) {
        opcode[entry] = NONE;
        free[freeCount++] = entry;
    }

    boolean has(int entry, int bit) {
        return (state[entry] & bit) != 0;
    }

    boolean isLinked(int entry) {
        return (flags[entry] & (Sqe.IO_LINK | Sqe.IO_HARDLINK)) != 0;
    }

    /**
     * {@code req_set_fail}: whoever asked for silence about success hears of this failure, but not of what it takes
     * along.
     */
    void fail(int entry, int value) {
        result[entry] = value;
        state[entry] |= FAILED;
        if (has(entry, SILENT)) {
            state[entry] = state[entry] & ~SILENT | SILENT_LINKS;
        }
    }
}
