package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Absolute;
import io.ublkcsi.engine.uring.SimulatedActor;
import io.ublkcsi.engine.uring.SimulatedFile;
import io.ublkcsi.engine.uring.SimulatedRing;
import io.ublkcsi.engine.uring.Sqe;
import java.lang.foreign.MemorySegment;

/**
 * The kernel's side of one virtqueue, as drivers/virtio/virtio_ring.c and drivers/block/virtio_blk.c treat it: sends
 * requests as chains or as tables of descriptors, kicks only when it was asked to, and looks at the used ring only when
 * it was interrupted. So a kick or an interrupt too few ends in a wait that never ends.
 */
final class SimulatedDriver implements SimulatedFile, SimulatedActor, VduseQueueSetup.Port {
    private static final int INDEX_MASK = 0xffff;
    private static final int NO_ENTRY = -1;
    private static final int TABLE_BYTES = Chain.MAX_PIECES * Vring.DESC_LENGTH;
    private static final int HEADER_AT = 0;
    private static final int RANGE_AT = 16;
    private static final int STATUS_AT = 32;
    private static final int SLOT_HEAD_BYTES = 64;

    /** The users of the disk. */
    interface Upper {
        /** A request has ended. */
        void completed(int slot, int status);
    }

    private final DriverMemory memory;
    private final SeededRandom random;
    private final int size;
    private final boolean eventIndex;
    private final boolean indirect;
    private final int slotBytes;
    private final long available;
    private final long used;
    private final long tables;
    private final int[] freeNext;
    private final int[] slotOfHead;
    private int freeHead;
    private int freeCount;
    private int nextAvailable;
    private int kickedAvailable;
    private int lastUsed;
    private boolean interrupted;
    private int kicks;
    private int interrupts;
    private int kicksSent;
    private int poll = NO_ENTRY;
    private SimulatedRing poller;
    private Upper upper = (slot, status) -> {};

    /**
     * @param size entries of the virtqueue
     * @param slotBytes memory for one request's data
     */
    SimulatedDriver(DriverMemory memory, long seed, int size, boolean eventIndex, boolean indirect, int slotBytes) {
        this.memory = memory;
        this.random = new SeededRandom(seed);
        this.size = size;
        this.eventIndex = eventIndex;
        this.indirect = indirect;
        this.slotBytes = slotBytes;
        this.available = Vring.descriptorBytes(size);
        this.used = Memory.roundUp(available + Vring.availableBytes(size), Memory.PAGE_BYTES);
        this.tables = Memory.roundUp(used + Vring.usedBytes(size), Memory.PAGE_BYTES);
        this.freeNext = new int[size];
        this.slotOfHead = new int[size];
        for (int i = 0; i < size; i++) {
            freeNext[i] = i + 1;
        }
        freeCount = size;
    }

    static long ringBytes(int size) {
        long used = Memory.roundUp(Vring.descriptorBytes(size) + Vring.availableBytes(size), Memory.PAGE_BYTES);
        long tables = Memory.roundUp(used + Vring.usedBytes(size), Memory.PAGE_BYTES);
        return Memory.roundUp(tables + (long) size * TABLE_BYTES, Memory.PAGE_BYTES);
    }

    void users(Upper users) {
        this.upper = users;
    }

    VqInfo info() {
        long base = DriverMemory.RINGS_IOVA;
        return new VqInfo(size, base, base + available, base + used, true);
    }

    long features() {
        return VirtioFeature.bits(VirtioFeature.VERSION_1, VirtioFeature.ACCESS_PLATFORM)
                | (eventIndex ? VirtioFeature.bits(VirtioFeature.EVENT_IDX) : 0)
                | (indirect ? VirtioFeature.bits(VirtioFeature.INDIRECT_DESC) : 0);
    }

    int kicks() {
        return kicksSent;
    }

    int interrupts() {
        return interrupts;
    }

    // ---- requests

    /** The absolute address of a slot's data. */
    long data(int slot) {
        return memory.data().address() + slotOffset(slot) + SLOT_HEAD_BYTES;
    }

    private long slotOffset(int slot) {
        return (long) slot * (slotBytes + SLOT_HEAD_BYTES);
    }

    private long slotIova(int slot) {
        return DriverMemory.DATA_IOVA + slotOffset(slot);
    }

    /** Descriptors that a request with that many pieces of data takes. */
    boolean hasRoom(int pieces) {
        return freeCount >= (indirect ? 1 : pieces + 2);
    }

    /** A read or write; {@code pieces} are the lengths of its data's pieces, which stand one after the other. */
    void transfer(int slot, int type, long sector, int[] pieces) {
        header(slot, type, sector);
        long[] iova = new long[pieces.length + 2];
        int[] length = new int[pieces.length + 2];
        iova[0] = slotIova(slot) + HEADER_AT;
        length[0] = BlkRequest.LENGTH;
        long at = slotIova(slot) + SLOT_HEAD_BYTES;
        for (int i = 0; i < pieces.length; i++) {
            iova[i + 1] = at;
            length[i + 1] = pieces[i];
            at += pieces[i];
        }
        iova[pieces.length + 1] = slotIova(slot) + STATUS_AT;
        length[pieces.length + 1] = 1;
        send(slot, iova, length, type == BlkRequest.T_IN ? 1 : pieces.length + 1);
    }

    void flush(int slot) {
        transfer(slot, BlkRequest.T_FLUSH, 0, new int[0]);
    }

    void range(int slot, int type, long sector, int sectors, int flags) {
        header(slot, type, 0);
        long at = memory.data().address() + slotOffset(slot) + RANGE_AT;
        Absolute.setLong(at + BlkRange.SECTOR, sector);
        Absolute.setInt(at + BlkRange.NUM_SECTORS, sectors);
        Absolute.setInt(at + BlkRange.FLAGS, flags);
        long[] iova = {slotIova(slot) + HEADER_AT, slotIova(slot) + RANGE_AT, slotIova(slot) + STATUS_AT};
        send(slot, iova, new int[] {BlkRequest.LENGTH, BlkRange.LENGTH, 1}, 2);
    }

    private void header(int slot, int type, long sector) {
        long at = memory.data().address() + slotOffset(slot);
        Absolute.setInt(at + BlkRequest.TYPE, type);
        Absolute.setInt(at + BlkRequest.IOPRIO, 0);
        Absolute.setLong(at + BlkRequest.SECTOR, sector);
        Absolute.setInt(at + STATUS_AT, 0xee);
    }

    private void send(int slot, long[] iova, int[] length, int readable) {
        int head = freeHead;
        slotOfHead[head] = slot;
        if (indirect) {
            take();
            long table = tables + (long) head * TABLE_BYTES;
            for (int i = 0; i < iova.length; i++) {
                boolean last = i + 1 == iova.length;
                descriptor(table + (long) i * Vring.DESC_LENGTH, iova[i], length[i], flags(i, readable, last), i + 1);
            }
            long at = DriverMemory.RINGS_IOVA + table;
            descriptor(head * 16L, at, iova.length * Vring.DESC_LENGTH, Vring.DESC_F_INDIRECT, 0);
        } else {
            for (int i = 0; i < iova.length; i++) {
                int mine = take();
                boolean last = i + 1 == iova.length;
                descriptor(mine * 16L, iova[i], length[i], flags(i, readable, last), last ? 0 : freeHead);
            }
        }
        memory.rings().set(Memory.SHORT, available + Vring.AVAIL_RING + 2L * (nextAvailable & size - 1), (short) head);
        nextAvailable = nextAvailable + 1 & INDEX_MASK;
        Memory.setShortRelease(memory.rings(), available + Vring.AVAIL_IDX, nextAvailable);
        if (random.chance(400)) {
            kickIfAsked();
        }
    }

    private static int flags(int piece, int readable, boolean last) {
        return (piece >= readable ? Vring.DESC_F_WRITE : 0) | (last ? 0 : Vring.DESC_F_NEXT);
    }

    private int take() {
        int mine = freeHead;
        freeHead = freeNext[mine];
        freeCount--;
        return mine;
    }

    private void descriptor(long at, long iova, int length, int flags, int next) {
        MemorySegment rings = memory.rings();
        rings.set(Memory.LONG, at + Vring.DESC_ADDR, iova);
        rings.set(Memory.INT, at + Vring.DESC_LEN, length);
        rings.set(Memory.SHORT, at + Vring.DESC_FLAGS, (short) flags);
        rings.set(Memory.SHORT, at + Vring.DESC_NEXT, (short) next);
    }

    private void kickIfAsked() {
        if (kickedAvailable == nextAvailable) {
            return;
        }
        int before = kickedAvailable;
        kickedAvailable = nextAvailable;
        Memory.fullFence();
        int event = Memory.getShortAcquire(memory.rings(), used + Vring.USED_RING + 8L * size);
        if (!eventIndex || Vring.passes(event, before, nextAvailable)) {
            kicks++;
            kicksSent++;
            kicked();
        }
    }

    // ---- the eventfd

    /** A poll that nobody reads the eventfd after: it ends for every kick, and once for those before it. */
    @Override
    public int execute(SimulatedRing ring, int entry) {
        if (ring.opcode(entry) != Sqe.POLL_ADD || poll != NO_ENTRY) {
            return -io.ublkcsi.engine.sys.Errno.EINVAL;
        }
        poller = ring;
        poll = entry;
        if (kicks > 0) {
            kicked();
        }
        return PENDING;
    }

    private void kicked() {
        if (poll == NO_ENTRY) {
            return;
        }
        if (random.chance(20)) {
            // The completion queue was full once: the poll ends, and has to be asked for again.
            int entry = poll;
            poll = NO_ENTRY;
            poller.finish(entry, Sqe.POLLIN);
        } else {
            poller.finishMore(poll, Sqe.POLLIN);
        }
    }

    /** The server has died: its poll with it. Kicks that he did not see are lost, as with a new eventfd. */
    void serverDied() {
        poll = NO_ENTRY;
        kicks = 0;
    }

    // ---- what the device does

    @Override
    public Iotlb.Region map(long iova) {
        return memory.map(iova);
    }

    @Override
    public void interrupt() {
        interrupts++;
        interrupted = true;
    }

    // ---- the driver's life

    @Override
    public boolean act() {
        boolean owesKick = kickedAvailable != nextAvailable;
        if (owesKick && random.chance(500)) {
            kickIfAsked();
        } else if (interrupted) {
            takeUsed();
        } else {
            return owesKick;
        }
        return true;
    }

    private void takeUsed() {
        interrupted = false;
        MemorySegment rings = memory.rings();
        while (lastUsed != Memory.getShortAcquire(rings, used + Vring.USED_IDX)) {
            long at = used + Vring.USED_RING + 8L * (lastUsed & size - 1);
            lastUsed = lastUsed + 1 & INDEX_MASK;
            free(rings.get(Memory.INT, at + Vring.USED_ELEM_ID));
            Memory.setShortRelease(rings, available + Vring.AVAIL_RING + 2L * size, lastUsed);
            Memory.fullFence();
        }
    }

    private void free(int head) {
        int slot = slotOfHead[head];
        if (slot < 0) {
            throw new AssertionError("descriptor " + head + " was used and is no request's");
        }
        slotOfHead[head] = NO_ENTRY;
        MemorySegment rings = memory.rings();
        int last = head;
        int count = 1;
        while ((rings.get(Memory.SHORT, last * 16L + Vring.DESC_FLAGS) & Vring.DESC_F_NEXT) != 0) {
            int next = rings.get(Memory.SHORT, last * 16L + Vring.DESC_NEXT);
            freeNext[last] = next;
            last = next;
            count++;
        }
        freeNext[last] = freeHead;
        freeHead = head;
        freeCount += count;
        upper.completed(slot, Absolute.getInt(memory.data().address() + slotOffset(slot) + STATUS_AT) & 0xff);
    }
}
