package io.ublkcsi.engine.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.KernelUring;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
import io.ublkcsi.engine.uring.UringParams;
import io.ublkcsi.engine.uring.UringSyscalls;
import io.ublkcsi.engine.uring.UserData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * One queue of a backend on a ring of its own, driven by hand: requests go in, results come out. Fails when a request
 * ends twice, or when the backend waits for the kernel instead of returning.
 */
public final class BackendRig implements AutoCloseable {
    public static final int DEPTH = 32;
    public static final int BUFFER_BYTES = 1 << 17;
    private static final int NOT_ENDED = Integer.MIN_VALUE;
    private static final int FIXED_BUFFER = DEPTH;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(120);

    private final GuardedUring syscalls;
    private final Backend backend;
    private final Ring ring;
    private final Requests requests = new Requests(DEPTH);
    private final int[] results = new int[DEPTH];
    private final boolean[] busy = new boolean[DEPTH];
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment buffers = Memory.allocatePages((long) DEPTH * BUFFER_BYTES);
    private final int fixedBuffer;
    private final BackendQueue queue;
    private int othersEnded;
    private boolean closed;

    /**
     * @param backend owned by the rig from here on
     */
    public BackendRig(UringSyscalls kernel, Backend backend) {
        this.syscalls = new GuardedUring(kernel);
        this.backend = backend;
        int flags = UringParams.SETUP_SINGLE_ISSUER | UringParams.SETUP_DEFER_TASKRUN | UringParams.SETUP_SUBMIT_ALL;
        this.ring = new Ring(syscalls, 8 * DEPTH, flags);
        ring.registerFileTable(2);
        ring.registerBufferTable(DEPTH + 1);
        boolean registered = ring.installBuffer(FIXED_BUFFER, buffers) == 0;
        this.fixedBuffer = registered ? FIXED_BUFFER : Requests.NO_BUFFER;
        this.queue = backend.openQueue(new QueueContext(ring, requests, this::onEnd, 0, 1));
        backend.queuesOpened();
    }

    /** The io_uring of the machine that runs the test; without one, the test says so and is not run. */
    public static UringSyscalls machinesKernel() {
        UringSyscalls kernel = new KernelUring();
        try {
            new Ring(kernel, 8, 0).close();
        } catch (RingException refused) {
            assumeTrue(false, "no io_uring on this machine: " + refused.getMessage());
        }
        return kernel;
    }

    public Ring ring() {
        return ring;
    }

    public Requests requests() {
        return requests;
    }

    public BackendQueue queue() {
        return queue;
    }

    /** The memory of a tag, {@link #BUFFER_BYTES} long. */
    public MemorySegment buffer(int tag) {
        return buffers.asSlice((long) tag * BUFFER_BYTES, BUFFER_BYTES);
    }

    /** Sets a request up whose data is in the tag's memory. */
    public void prepare(int tag, int operation, int flags, long offset, int length) {
        assertThat(busy[tag]).as("tag %d is in use", tag).isFalse();
        requests.set(tag, operation, flags, offset, length);
        requests.setData(tag, buffer(tag).address(), tag % 2 == 0 ? fixedBuffer : Requests.NO_BUFFER);
        busy[tag] = true;
        results[tag] = NOT_ENDED;
    }

    /** Has the request's data in pieces of the tag's memory, that of its end first. */
    public void scatter(int tag, int[] blocks, int blockBytes) {
        long end = buffer(tag).address() + requests.length(tag);
        MemorySegment vector = arena.allocate((long) blocks.length * Iovec.LENGTH, 8);
        for (int i = 0; i < blocks.length; i++) {
            end -= (long) blocks[i] * blockBytes;
            vector.set(Memory.LONG, (long) i * Iovec.LENGTH + Iovec.IOV_BASE, end);
            vector.set(Memory.LONG, (long) i * Iovec.LENGTH + Iovec.IOV_LEN, (long) blocks[i] * blockBytes);
        }
        requests.setPieces(tag, vector.address(), blocks.length);
    }

    /** What {@link #scatter} makes of a tag's memory, in the order of the pieces. */
    public byte[] gathered(byte[] memory, int[] blocks, int blockBytes) {
        byte[] result = new byte[memory.length];
        int from = memory.length;
        int to = 0;
        for (int count : blocks) {
            from -= count * blockBytes;
            System.arraycopy(memory, from, result, to, count * blockBytes);
            to += count * blockBytes;
        }
        return result;
    }

    public void submit(int tag, int linkFlags) {
        syscalls.insideBackend = true;
        queue.submit(tag, linkFlags);
        syscalls.insideBackend = false;
    }

    public void start(int tag, int operation, int flags, long offset, int length) {
        prepare(tag, operation, flags, offset, length);
        submit(tag, 0);
    }

    private void onEnd(int tag, int result) {
        assertThat(busy[tag])
                .as("tag %d ended twice, or without a request", tag)
                .isTrue();
        busy[tag] = false;
        results[tag] = result;
    }

    public boolean hasEnded(int tag) {
        return !busy[tag];
    }

    /** Waits until a request has ended; answers its result. */
    public int await(int tag) {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (busy[tag]) {
            assertThat(System.nanoTime() - deadline)
                    .as("tag %d never ended", tag)
                    .isNegative();
            turn();
        }
        return results[tag];
    }

    /** Waits for at least one ring entry to end, and for what follows from it. */
    public void turn() {
        assertThat(ring.submitAndWait(PATIENCE_NS))
                .as("something ended in time")
                .isTrue();
        ring.drain(this::onCompletion);
    }

    private void onCompletion(long user, int result) {
        if (UserData.owner(user) != UserData.BACKEND) {
            othersEnded++;
            return;
        }
        syscalls.insideBackend = true;
        queue.onCompletion(UserData.tag(user), UserData.operation(user), result);
        syscalls.insideBackend = false;
    }

    /** Ring entries of the test's own that have ended. */
    public int othersEnded() {
        return othersEnded;
    }

    public int run(int tag, int operation, int flags, long offset, int length) {
        start(tag, operation, flags, offset, length);
        return await(tag);
    }

    public void write(long offset, byte[] bytes, int flags) {
        fill(0, bytes);
        assertThat(run(0, BlockOperation.WRITE, flags, offset, bytes.length)).isEqualTo(bytes.length);
    }

    public void fill(int tag, byte[] bytes) {
        MemorySegment.copy(bytes, 0, buffer(tag), ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    public byte[] read(long offset, int length) {
        buffer(1).asSlice(0, length).fill((byte) 0x5a);
        assertThat(run(1, BlockOperation.READ, 0, offset, length)).isEqualTo(length);
        return bytes(1, length);
    }

    public byte[] bytes(int tag, int length) {
        return buffer(tag).asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    public void flush() {
        assertThat(run(2, BlockOperation.FLUSH, 0, 0, 0)).isZero();
    }

    /** Whether nothing is under way. */
    public boolean isIdle() {
        return !Arrays.asList(box(busy)).contains(true);
    }

    private static Boolean[] box(boolean[] values) {
        Boolean[] boxed = new Boolean[values.length];
        Arrays.setAll(boxed, i -> values[i]);
        return boxed;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ring.close();
            queue.close();
            backend.close();
            Memory.freePages(buffers);
        }
    }

    /** Notices a backend that waits. */
    private static final class GuardedUring implements UringSyscalls {
        private final UringSyscalls kernel;
        private boolean insideBackend;

        GuardedUring(UringSyscalls kernel) {
            this.kernel = kernel;
        }

        private void check(int minComplete) {
            assertThat(insideBackend && minComplete > 0)
                    .as("a backend waits for the kernel")
                    .isFalse();
        }

        @Override
        public int setup(int entries, MemorySegment params) {
            return kernel.setup(entries, params);
        }

        @Override
        public int enter(int fd, int submit, int minComplete, int flags) {
            check(minComplete);
            return kernel.enter(fd, submit, minComplete, flags);
        }

        @Override
        public int enterTimed(int fd, int submit, int minComplete, int flags, long timeoutNs) {
            check(minComplete);
            int result = kernel.enterTimed(fd, submit, minComplete, flags, timeoutNs);
            return result == -Errno.EAGAIN ? 0 : result;
        }

        @Override
        public int register(int fd, int operation, long argument, int count) {
            return kernel.register(fd, operation, argument, count);
        }

        @Override
        public long mmap(int fd, long length, int protection, long offset) {
            return kernel.mmap(fd, length, protection, offset);
        }

        @Override
        public int munmap(long address, long length) {
            return kernel.munmap(address, length);
        }

        @Override
        public int close(int fd) {
            return kernel.close(fd);
        }
    }
}
