package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * The rings of one split virtqueue (virtio 1.2, section 2.7), our side of them. Owned by a queue's thread.
 *
 * <p>Indexes count entries since the queue was set up, modulo 2^16.
 */
final class SplitQueue {
    private static final int INDEX_MASK = 0xffff;

    private final int size;
    private final MemorySegment descriptors;
    private final MemorySegment available;
    private final MemorySegment used;
    private final boolean eventIndex;
    private final boolean indirect;
    private int lastAvailable;
    private int nextUsed;
    private int publishedUsed;

    /**
     * Maps the rings of a queue that the driver has set up. Goes on behind what was used so far.
     *
     * @throws VirtqueueException when they can't be
     */
    SplitQueue(VqInfo info, long features, Iotlb iotlb) {
        this.size = info.num();
        if (size < 1 || size > Vring.MAX_SIZE || Integer.bitCount(size) != 1) {
            throw new VirtqueueException("it has " + size + " entries");
        }
        this.descriptors = map(iotlb, info.descriptors(), Vring.descriptorBytes(size), Vring.DESC_LENGTH, false);
        this.available = map(iotlb, info.available(), Vring.availableBytes(size), Short.BYTES, false);
        this.used = map(iotlb, info.used(), Vring.usedBytes(size), Integer.BYTES, true);
        this.eventIndex = VirtioFeature.has(features, VirtioFeature.EVENT_IDX);
        this.indirect = VirtioFeature.has(features, VirtioFeature.INDIRECT_DESC);
        this.nextUsed = Memory.getShortAcquire(used, Vring.USED_IDX);
        this.publishedUsed = nextUsed;
        this.lastAvailable = nextUsed;
    }

    private static MemorySegment map(Iotlb iotlb, long iova, long bytes, int align, boolean write) {
        long address = iotlb.translate(iova, bytes, write);
        if (address == Iotlb.NOWHERE || iova % align != 0) {
            throw new VirtqueueException(
                    "its rings are at address " + Long.toHexString(iova) + ", where they can't be");
        }
        return Memory.at(address, bytes);
    }

    int size() {
        return size;
    }

    /** Whether descriptors may stand in tables of their own. */
    boolean indirect() {
        return indirect;
    }

    long descriptorTable() {
        return descriptors.address();
    }

    /** What {@code VQ_GET_STATE} asks for: the index of the next entry that we will take. */
    int lastAvailable() {
        return lastAvailable;
    }

    /** After a crash: that many entries of those that were not used had been taken. */
    void taken(int count) {
        lastAvailable = nextUsed + count & INDEX_MASK;
    }

    /** How many entries the driver has made available and we have not taken. */
    int waiting() {
        int count = Memory.getShortAcquire(available, Vring.AVAIL_IDX) - lastAvailable & INDEX_MASK;
        if (count > size) {
            throw new VirtqueueException("it has " + count + " entries available and room for " + size);
        }
        return count;
    }

    /** Takes the next entry; answers its first descriptor. Only when one is {@link #waiting}. */
    int take() {
        long at = Vring.AVAIL_RING + 2L * (lastAvailable & size - 1);
        int head = available.get(Memory.SHORT, at) & INDEX_MASK;
        if (head >= size) {
            throw new VirtqueueException("descriptor " + head + " of " + size + " is available");
        }
        lastAvailable = lastAvailable + 1 & INDEX_MASK;
        return head;
    }

    /** Puts an entry among the used ones; the driver sees it after {@link #publish}. */
    void put(int head, int writtenBytes) {
        long at = Vring.USED_RING + (long) Vring.USED_ELEM_LENGTH * (nextUsed & size - 1);
        used.set(Memory.INT, at + Vring.USED_ELEM_ID, head);
        used.set(Memory.INT, at + Vring.USED_ELEM_LEN, writtenBytes);
        nextUsed = nextUsed + 1 & INDEX_MASK;
    }

    /** Used entries that were not published yet. */
    int unpublished() {
        return nextUsed - publishedUsed & INDEX_MASK;
    }

    /** The index behind the used entries that the driver can see. */
    int publishedUsed() {
        return publishedUsed;
    }

    /** The first descriptor of a used entry of the last {@link #size} ones, by index. */
    int usedHead(int index) {
        long at = Vring.USED_RING + (long) Vring.USED_ELEM_LENGTH * (index & size - 1);
        return used.get(Memory.INT, at + Vring.USED_ELEM_ID);
    }

    /** Shows the driver what was put; answers whether it wants to be interrupted for it. */
    boolean publish() {
        int before = publishedUsed;
        Memory.setShortRelease(used, Vring.USED_IDX, nextUsed);
        publishedUsed = nextUsed;
        Memory.fullFence();
        if (eventIndex) {
            int event = Memory.getShortAcquire(available, Vring.AVAIL_RING + 2L * size);
            return Vring.passes(event, before, nextUsed);
        }
        return (Memory.getShortAcquire(available, Vring.AVAIL_FLAGS) & Vring.AVAIL_F_NO_INTERRUPT) == 0;
    }

    /** Asks for a kick with the next entry; answers whether one is there already, for which no kick may come. */
    boolean askForKick() {
        if (eventIndex) {
            long at = Vring.USED_RING + (long) Vring.USED_ELEM_LENGTH * size;
            Memory.setShortRelease(used, at, lastAvailable);
        }
        Memory.fullFence();
        return waiting() > 0;
    }
}
