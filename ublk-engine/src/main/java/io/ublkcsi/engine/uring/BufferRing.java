package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Buffers of one length from which the kernel takes one for each completion that brings data, until it is given back
 * ({@code struct io_uring_buf_ring}, include/uapi/linux/io_uring.h). Owned by its ring's thread.
 */
public final class BufferRing {
    /** {@code tail}, in place of the first entry's reserved bytes. */
    private static final int TAIL = 14;

    private final MemorySegment memory;
    private final int count;
    private final int length;
    private int tail;

    /**
     * @param memory page-aligned, {@link #bytes} of it; the caller's, and there until the ring has ended
     * @param count a power of two
     * @throws RingException when the kernel refuses
     */
    public BufferRing(Ring ring, int group, MemorySegment memory, int count, int length) {
        this.memory = memory;
        this.count = count;
        this.length = length;
        ring.registerBufferRing(group, memory.address(), count);
        for (int id = 0; id < count; id++) {
            giveBack(id);
        }
    }

    /** What the entries and their buffers take up. */
    public static long bytes(int count, int length) {
        return (long) count * (BufferRingEntry.LENGTH + length);
    }

    /** Where a buffer begins in the memory. */
    public long offset(int id) {
        return (long) count * BufferRingEntry.LENGTH + (long) id * length;
    }

    /** Lets the kernel use a buffer again. */
    public void giveBack(int id) {
        long entry = (long) (tail & count - 1) * BufferRingEntry.LENGTH;
        memory.set(Memory.LONG, entry + BufferRingEntry.ADDR, memory.address() + offset(id));
        memory.set(Memory.INT, entry + BufferRingEntry.LEN, length);
        memory.set(Memory.SHORT, entry + BufferRingEntry.BID, (short) id);
        tail++;
        Memory.setShortRelease(memory, TAIL, tail);
    }
}
