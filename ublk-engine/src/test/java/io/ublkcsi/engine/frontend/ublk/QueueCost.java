package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.backend.file.FileBackend;
import io.ublkcsi.engine.backend.file.FileImage;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.CompletionHandler;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UringParams;
import io.ublkcsi.engine.uring.UringSyscalls;
import io.ublkcsi.engine.uring.UserData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

/**
 * {@code QueueCost BATCH}: CPU time that the queue's own code takes for a 4 KiB read, zero copy, over a kernel that
 * does next to nothing, which is part of the figure. A program, not a test. With batches of one the requests are chains
 * where those are allowed; all others go step by step.
 */
final class QueueCost implements UringSyscalls {
    private static final int DEPTH = 128;
    private static final int READY_MASK = 1023;
    private static final int CQES = 64;
    private static final int ROUNDS = 12;
    private static final long REQUESTS = 2_000_000;

    private final int batch;
    private final int[] ready = new int[READY_MASK + 1];
    private MemorySegment queues = MemorySegment.NULL;
    private MemorySegment sqes = MemorySegment.NULL;
    private int mask;
    private int sqHead;
    private int cqTail;
    private int readyHead;
    private int readyTail;
    private long requests;

    private QueueCost(int batch) {
        this.batch = batch;
    }

    public static void main(String[] args) {
        int batch = Integer.parseInt(args[0]);
        for (boolean chains : new boolean[] {true, false}) {
            double ns = new QueueCost(batch).measure(chains);
            System.out.printf(
                    "%s, batches of %d: %.0f ns a request%n", chains && batch == 1 ? "chains" : "steps", batch, ns);
        }
    }

    /** The best of the rounds. */
    private double measure(boolean chains) {
        Ring ring = new Ring(this, 4 * DEPTH, 0);
        BackendQueue[] backend = new BackendQueue[1];
        FileBackend file = new FileBackend(new FileImage(0, true, () -> null), BlockLimits.memory(1 << 30, 512));
        UblkQueueSetup setup = new UblkQueueSetup(
                this, ring, 0, DEPTH, 1 << 19, 0, 0, descriptors(), new QueueMetrics(), false, chains);
        UblkQueue queue = new UblkQueue(
                setup,
                (tags, sink) -> backend[0] = file.openQueue(new QueueContext(ring, tags, sink, 0, 1)),
                owner -> new ZeroCopy(owner, true));
        CompletionHandler handler = (user, result) -> {
            if (UserData.owner(user) == UserData.FRONTEND) {
                queue.onCompletion(UserData.tag(user), UserData.operation(user), result);
            } else {
                backend[0].onCompletion(UserData.tag(user), UserData.operation(user), result);
            }
        };
        queue.start();
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long beganNs = cpuNs();
            long begun = requests;
            while (requests < begun + REQUESTS) {
                ring.submitAndWait(1);
                ring.drain(handler);
                queue.endBatch();
            }
            best = Math.min(best, (cpuNs() - beganNs) / (double) (requests - begun));
        }
        return best;
    }

    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static MemorySegment descriptors() {
        MemorySegment all = Arena.global().allocate((long) DEPTH * IoDescriptor.LENGTH, 8);
        for (int tag = 0; tag < DEPTH; tag++) {
            long at = (long) tag * IoDescriptor.LENGTH;
            all.set(Memory.INT, at + IoDescriptor.OP_FLAGS, IoDescriptor.OP_READ);
            all.set(Memory.INT, at + IoDescriptor.NR_SECTORS, 8);
            all.set(Memory.LONG, at + IoDescriptor.START_SECTOR, 8L * tag);
        }
        return all;
    }

    @Override
    public int setup(int wanted, MemorySegment params) {
        int entries = Integer.highestOneBit(wanted - 1) << 1;
        mask = 2 * entries - 1;
        queues = Arena.global().allocate(CQES + 16L * 2 * entries + 4L * entries, 64);
        sqes = Arena.global().allocate((long) Sqe.LENGTH * entries, 64);
        params.set(Memory.INT, UringParams.SQ_ENTRIES, entries);
        params.set(Memory.INT, UringParams.CQ_ENTRIES, 2 * entries);
        params.set(Memory.INT, UringParams.SQ_HEAD, 0);
        params.set(Memory.INT, UringParams.SQ_TAIL, 4);
        params.set(Memory.INT, UringParams.CQ_HEAD, 8);
        params.set(Memory.INT, UringParams.CQ_TAIL, 12);
        params.set(Memory.INT, UringParams.SQ_RING_MASK, 16);
        params.set(Memory.INT, UringParams.CQ_RING_MASK, 20);
        params.set(Memory.INT, UringParams.CQ_CQES, CQES);
        params.set(Memory.INT, UringParams.SQ_ARRAY, CQES + 16 * 2 * entries);
        queues.set(Memory.INT, 16, entries - 1);
        queues.set(Memory.INT, 20, mask);
        return 0;
    }

    /** A command makes its tag ready for another request; an entry that is not silent completes in full at once. */
    @Override
    public int enter(int ring, int submit, int minComplete, int flags) {
        for (int i = 0; i < submit; i++) {
            long at = (long) (sqHead++ & mask >>> 1) * Sqe.LENGTH;
            int head = sqes.get(Memory.INT, at);
            long user = sqes.get(Memory.LONG, at + Sqe.USER_DATA);
            if ((head & 0xff) == Sqe.URING_CMD) {
                ready[readyTail++ & READY_MASK] = UserData.tag(user);
            } else if ((head >>> 8 & Sqe.CQE_SKIP_SUCCESS) == 0) {
                complete(user, sqes.get(Memory.INT, at + Sqe.LEN));
            }
        }
        queues.set(Memory.INT, 0, sqHead);
        for (int i = 0; i < batch && readyHead != readyTail; i++) {
            requests++;
            complete(ready[readyHead++ & READY_MASK], 0);
        }
        queues.set(Memory.INT, 12, cqTail);
        return submit;
    }

    private void complete(long user, int result) {
        long at = CQES + 16L * (cqTail++ & mask);
        queues.set(Memory.LONG, at, user);
        queues.set(Memory.INT, at + 8, result);
        queues.set(Memory.INT, at + 12, 0);
    }

    @Override
    public int enterTimed(int ring, int submit, int minComplete, int flags, long timeoutNs) {
        return enter(ring, submit, minComplete, flags);
    }

    @Override
    public int register(int ring, int operation, long argument, int count) {
        return 0;
    }

    @Override
    public long mmap(int fd, long length, int protection, long offset) {
        return offset == UringParams.OFF_SQES ? sqes.address() : queues.address();
    }

    @Override
    public int munmap(long address, long length) {
        return 0;
    }

    @Override
    public int close(int fd) {
        return 0;
    }
}
