package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Blocks that were written and not flushed, shared by a volume's queues. A block has a few places where it may stand;
 * when all are taken there is no room for it. Every call is short and waits for no I/O. Any thread.
 */
final class VolatileCache implements AutoCloseable {
    /** {@link #nextUsed} found no place. */
    static final int NONE = -1;

    private static final int WAYS = 8;
    private static final long EMPTY = -1;

    private final int blockBytes;
    private final MemorySegment memory;
    private final long[] block;
    private final int[] version;
    private boolean locked;

    /**
     * @param bytes a power of two
     */
    VolatileCache(long bytes, int blockBytes) {
        this.blockBytes = blockBytes;
        this.memory = Memory.reservePages(bytes);
        this.block = new long[(int) (bytes / blockBytes)];
        this.version = new int[block.length];
        Arrays.fill(block, EMPTY);
    }

    int blockBytes() {
        return blockBytes;
    }

    /**
     * Takes the right to move blocks to the volume, which one request at a time may have; false when another has it.
     */
    synchronized boolean tryLock() {
        boolean free = !locked;
        locked = true;
        return free;
    }

    synchronized void unlock() {
        locked = false;
    }

    /** Takes {@code blocks} blocks of a request's data in; all or, for want of room, none. */
    synchronized boolean put(long first, int blocks, Requests requests, int tag) {
        for (int i = 0; i < blocks; i++) {
            if (place(first + i) == NONE) {
                drop(first, i);
                return false;
            }
            int place = place(first + i);
            if (block[place] == EMPTY) {
                block[place] = first + i;
                version[place] = 0;
            }
        }
        for (int i = 0; i < blocks; i++) {
            int place = place(first + i);
            requests.copyOut(tag, i * blockBytes, address(place), blockBytes);
            version[place]++;
        }
        return true;
    }

    /** Gives up places that were taken and not filled yet. */
    private void drop(long first, int blocks) {
        for (int i = 0; i < blocks; i++) {
            int place = place(first + i);
            if (version[place] == 0) {
                block[place] = EMPTY;
            }
        }
    }

    /** Where the block stands, or else a free place for it, or {@link #NONE}. */
    private int place(long wanted) {
        int first = Math.floorMod(wanted * 0x9e3779b97f4a7c15L >>> 20, block.length / WAYS) * WAYS;
        int free = NONE;
        for (int place = first; place < first + WAYS; place++) {
            if (block[place] == wanted) {
                return place;
            }
            free = block[place] == EMPTY ? place : free;
        }
        return free;
    }

    /** Puts what is newer here over {@code blocks} blocks that were read from the volume. */
    synchronized void overlay(long first, int blocks, Requests requests, int tag) {
        for (int i = 0; i < blocks; i++) {
            int place = place(first + i);
            if (place != NONE && block[place] == first + i) {
                requests.copyIn(tag, i * blockBytes, address(place), blockBytes);
            }
        }
    }

    /** The first place from {@code from} on that holds a block, or {@link #NONE}. */
    synchronized int nextUsed(int from) {
        for (int place = from; place < block.length; place++) {
            if (block[place] != EMPTY) {
                return place;
            }
        }
        return NONE;
    }

    synchronized long blockAt(int place) {
        return block[place];
    }

    /** Copies a block out; answers the version that was copied. */
    synchronized int copyOut(int place, long to) {
        Memory.copy(address(place), to, blockBytes);
        return version[place];
    }

    /** The volume has that version of the block; a newer one stays here. */
    synchronized void stored(int place, int storedVersion) {
        if (version[place] == storedVersion) {
            block[place] = EMPTY;
        }
    }

    private long address(int place) {
        return memory.address() + (long) place * blockBytes;
    }

    @Override
    public void close() {
        Memory.freePages(memory);
    }
}
