package io.ublkcsi.engine.frontend.vduse;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Absolute;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A driver that means harm: rings full of what he likes. Whatever he writes, nothing outside of his own memory is used
 * (pages around it would end this process), nothing goes round for ever, and what he did not do right is refused.
 */
class HostileRingTest {
    private static final int RINGS = 1_000_000;
    private static final int SIZE = 16;
    private static final int LOGICAL_BYTES = 512;

    private final Arena arena = Arena.ofAuto();
    private final long seed = SeededRandom.freshSeed();
    private final SeededRandom random = new SeededRandom(seed);
    private final DriverMemory memory = new DriverMemory(Memory.PAGE_BYTES, 2L * Memory.PAGE_BYTES);
    private final Requests requests = new Requests(SIZE);
    private final Iotlb iotlb = new Iotlb(memory::map);
    private final BlkCommand commands =
            new BlkCommand(requests, iotlb, LOGICAL_BYTES, arena.allocate(BlkRequest.ID_BYTES));
    private int accepted;
    private int answered;
    private int refused;

    @Test
    @Timeout(120)
    void aMillionHostileRings() {
        for (int i = 0; i < RINGS; i++) {
            scribble();
            try {
                serve();
            } catch (VirtqueueException expected) {
                refused++;
            }
        }
        assertThat(accepted).as("some requests were right by chance").isPositive();
        assertThat(answered).as("some were wrong, and were told so").isPositive();
        assertThat(refused).as("most rings are invalid").isGreaterThan(RINGS / 4);
        commands.close();
        memory.close();
    }

    private void scribble() {
        MemorySegment rings = memory.rings();
        for (int i = 0; i < SIZE; i++) {
            long at = (long) i * Vring.DESC_LENGTH;
            rings.set(Memory.LONG, at + Vring.DESC_ADDR, address());
            rings.set(Memory.INT, at + Vring.DESC_LEN, length());
            rings.set(Memory.SHORT, at + Vring.DESC_FLAGS, (short) flags());
            rings.set(Memory.SHORT, at + Vring.DESC_NEXT, (short) next());
        }
        long available = Vring.descriptorBytes(SIZE);
        rings.set(Memory.SHORT, available + Vring.AVAIL_IDX, (short) random.below(random.chance(900) ? 4 : 40));
        for (int i = 0; i < SIZE; i++) {
            rings.set(Memory.SHORT, available + Vring.AVAIL_RING + 2L * i, (short) next());
        }
        long header = memory.data().address() + random.below(4) * 64L;
        Absolute.setInt(header + BlkRequest.TYPE, random.chance(900) ? random.below(16) : (int) random.next());
        Absolute.setLong(header + BlkRequest.SECTOR, random.chance(800) ? random.below(64) : random.next());
    }

    private long address() {
        int draw = random.below(100);
        if (draw < 55) {
            return DriverMemory.DATA_IOVA + random.below(4) * 64L;
        }
        if (draw < 75) {
            return DriverMemory.DATA_IOVA + random.below(16) * 512L;
        }
        if (draw < 85) {
            return DriverMemory.RINGS_IOVA + random.below(SIZE) * 16L;
        }
        if (draw < 95) {
            return DriverMemory.DATA_IOVA + 2L * Memory.PAGE_BYTES - random.below(1024);
        }
        return random.next();
    }

    private int length() {
        int draw = random.below(100);
        return draw < 40 ? 16 : draw < 55 ? 512 : draw < 70 ? 1 : draw < 90 ? random.below(2048) : (int) random.next();
    }

    private int flags() {
        return random.chance(900) ? random.below(100) < 8 ? random.below(8) : random.below(4) : (int) random.next();
    }

    private int next() {
        return random.chance(970) ? random.below(SIZE) : (int) random.next();
    }

    private void serve() {
        long base = DriverMemory.RINGS_IOVA;
        long available = base + Vring.descriptorBytes(SIZE);
        long used = base + Memory.PAGE_BYTES - 256;
        memory.rings().set(Memory.SHORT, Memory.PAGE_BYTES - 256 + Vring.USED_IDX, (short) 0);
        long features = VirtioFeature.bits(VirtioFeature.EVENT_IDX, VirtioFeature.INDIRECT_DESC);
        SplitQueue queue = new SplitQueue(new VqInfo(SIZE, base, available, used, true), features, iotlb);
        for (int count = queue.waiting(); count > 0; count--) {
            int head = queue.take();
            int status = commands.decode(queue, head);
            if (status == BlkCommand.FOR_BACKEND) {
                accepted++;
                check(head);
            } else {
                answered++;
            }
            queue.put(head, commands.answer(head, BlkRequest.S_IOERR));
        }
        queue.publish();
    }

    private void check(int head) {
        int operation = requests.operation(head);
        hold(operation >= 0 && operation < BlockOperation.COUNT && requests.offset(head) >= 0, head);
        if (operation != BlockOperation.READ && operation != BlockOperation.WRITE) {
            return;
        }
        long sum = 0;
        for (int piece = 0; piece < requests.pieces(head); piece++) {
            long at = requests.address(head) + (long) piece * Iovec.LENGTH;
            long bytes = Absolute.getLong(at + Iovec.IOV_LEN);
            hold(memory.holds(Absolute.getLong(at + Iovec.IOV_BASE), bytes), head);
            sum += bytes;
        }
        if (requests.pieces(head) == 0) {
            sum = requests.length(head);
            hold(memory.holds(requests.address(head), sum), head);
        }
        hold(requests.length(head) == sum && sum > 0 && sum % LOGICAL_BYTES == 0, head);
    }

    private void hold(boolean condition, int head) {
        if (!condition) {
            throw new AssertionError(SeededRandom.replay(seed) + ": a request that no driver may send was accepted,"
                    + " descriptor " + head + ", operation " + requests.operation(head) + ", offset "
                    + requests.offset(head) + ", length " + requests.length(head));
        }
    }
}
