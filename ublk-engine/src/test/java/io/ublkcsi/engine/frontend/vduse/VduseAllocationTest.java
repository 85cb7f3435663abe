package io.ublkcsi.engine.frontend.vduse;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Absolute;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The queue thread allocates nothing for a request: memory reclaim may be waiting for that very request. */
class VduseAllocationTest {
    private static final int SIZE = 16;
    private static final int BATCH = 8;
    private static final int BATCHES = 20_000;
    private static final int AVAILABLE_AT = SIZE * Vring.DESC_LENGTH;
    private static final int USED_AT = 1024;
    private static final int TABLES_AT = 2048;
    private static final int TABLE_BYTES = 4 * Vring.DESC_LENGTH;
    /** What a JVM's own housekeeping may put on a thread's account once; a byte a request would be more. */
    private static final long ALLOWED_BYTES = 4_096;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final DriverMemory memory = new DriverMemory(Memory.PAGE_BYTES, 8L * Memory.PAGE_BYTES);
    private int available;

    @Test
    void aRequestAllocatesNothing() {
        try (SimulatedUring kernel = new SimulatedUring(1, SimulatedFaults.USUAL)) {
            for (int head = 0; head < SIZE; head++) {
                prepare(head);
            }
            VduseQueue queue = queue(new Ring(kernel, 64, 0));
            serve(queue);
            long before = threads.getCurrentThreadAllocatedBytes();
            serve(queue);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(bytes).as("bytes for %d requests", BATCH * BATCHES).isLessThan(ALLOWED_BYTES);
            assertThat(Memory.getShortAcquire(memory.rings(), USED_AT + Vring.USED_IDX))
                    .as("all were answered")
                    .isEqualTo(available);
            queue.close();
        }
        memory.close();
    }

    /** A read of two pieces, as a table of four descriptors. */
    private void prepare(int head) {
        long slot = head * 2048L;
        long iova = DriverMemory.DATA_IOVA + slot;
        int table = TABLES_AT + head * TABLE_BYTES;
        int write = Vring.DESC_F_WRITE;
        descriptor(head * Vring.DESC_LENGTH, DriverMemory.RINGS_IOVA + table, TABLE_BYTES, Vring.DESC_F_INDIRECT, 0);
        descriptor(table, iova, BlkRequest.LENGTH, Vring.DESC_F_NEXT, 1);
        descriptor(table + 16, iova + 512, 512, Vring.DESC_F_NEXT | write, 2);
        descriptor(table + 32, iova + 1024, 512, Vring.DESC_F_NEXT | write, 3);
        descriptor(table + 48, iova + 64, 1, write, 0);
        Absolute.setLong(memory.data().address() + slot + BlkRequest.SECTOR, head);
    }

    private void descriptor(long at, long iova, int length, int flags, int next) {
        MemorySegment rings = memory.rings();
        rings.set(Memory.LONG, at + Vring.DESC_ADDR, iova);
        rings.set(Memory.INT, at + Vring.DESC_LEN, length);
        rings.set(Memory.SHORT, at + Vring.DESC_FLAGS, (short) flags);
        rings.set(Memory.SHORT, at + Vring.DESC_NEXT, (short) next);
    }

    private VduseQueue queue(Ring ring) {
        Arena arena = Arena.ofAuto();
        InflightLog log = new InflightLog(arena.allocate(InflightLog.bytes(SIZE), 8), SIZE);
        VduseQueueSetup setup = new VduseQueueSetup(
                ring, 0, SIZE, 0, 0, 512, arena.allocate(BlkRequest.ID_BYTES), log, new QueueMetrics(), new Port());
        VduseQueue queue = new VduseQueue(setup, Immediate::new);
        long base = DriverMemory.RINGS_IOVA;
        VqInfo info = new VqInfo(SIZE, base, base + AVAILABLE_AT, base + USED_AT, true);
        queue.connect(info, VirtioFeature.bits(VirtioFeature.EVENT_IDX, VirtioFeature.INDIRECT_DESC), false);
        return queue;
    }

    private void serve(VduseQueue queue) {
        MemorySegment rings = memory.rings();
        for (int batch = 0; batch < BATCHES; batch++) {
            for (int i = 0; i < BATCH; i++) {
                long at = AVAILABLE_AT + Vring.AVAIL_RING + 2L * (available & SIZE - 1);
                rings.set(Memory.SHORT, at, (short) (available & SIZE - 1));
                available = available + 1 & 0xffff;
            }
            Memory.setShortRelease(rings, AVAILABLE_AT + Vring.AVAIL_IDX, available);
            queue.endBatch();
        }
    }

    private final class Port implements VduseQueueSetup.Port {
        @Override
        public Iotlb.Region map(long iova) {
            return memory.map(iova);
        }

        @Override
        public void interrupt() {}
    }

    /** Does a request when it is told of it. */
    private record Immediate(Requests requests, CompletionSink sink) implements BackendQueue {
        @Override
        public boolean isSingleEntry(int tag) {
            return false;
        }

        @Override
        public void submit(int tag, int linkFlags) {
            sink.complete(tag, requests.length(tag));
        }

        @Override
        public void onCompletion(int tag, int operation, int result) {
            throw new IllegalStateException();
        }
    }
}
