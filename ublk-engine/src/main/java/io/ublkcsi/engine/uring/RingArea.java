package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The two mappings of a ring, and where the kernel put things in them. Relies on {@code IORING_FEAT_SINGLE_MMAP}
 * (5.4).
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RingArea(int fd, MemorySegment queues, MemorySegment sqes, int[] params) {
    private static final int PROT_READ_WRITE = 3;

    static RingArea map(UringSyscalls syscalls, int entries, int flags, int sqeLength) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(UringParams.LENGTH, 8);
            params.set(Memory.INT, UringParams.FLAGS, flags | UringParams.SETUP_CQSIZE | UringParams.SETUP_CLAMP);
            params.set(Memory.INT, UringParams.CQ_ENTRIES, 2 * entries);
            int fd = syscalls.setup(entries, params);
            if (fd < 0) {
                throw new RingException("io_uring_setup", fd);
            }
            int[] words = params.toArray(Memory.INT);
            int sqEntries = words[UringParams.SQ_ENTRIES / 4];
            int cqEntries = words[UringParams.CQ_ENTRIES / 4];
            long sqBytes = words[UringParams.SQ_ARRAY / 4] + 4L * sqEntries;
            long cqBytes = words[UringParams.CQ_CQES / 4] + (long) Cqe.LENGTH * cqEntries;
            MemorySegment queues = map(syscalls, fd, Math.max(sqBytes, cqBytes), UringParams.OFF_SQ_RING);
            MemorySegment sqes = map(syscalls, fd, (long) sqeLength * sqEntries, UringParams.OFF_SQES);
            return new RingArea(fd, queues, sqes, words);
        }
    }

    private static MemorySegment map(UringSyscalls syscalls, int fd, long length, long offset) {
        long address = syscalls.mmap(fd, length, PROT_READ_WRITE, offset);
        if (address < 0 && address > -4096) {
            syscalls.close(fd);
            throw new RingException("mapping the ring", (int) address);
        }
        return Memory.at(address, length);
    }

    /** The value of a field of {@code io_uring_params} that is an offset into {@link #queues}. */
    long offset(int field) {
        return params[field / 4];
    }

    /** What stands in {@link #queues} where a field of {@code io_uring_params} points. */
    int intAt(int field) {
        return queues.get(Memory.INT, offset(field));
    }

    void unmap(UringSyscalls syscalls) {
        syscalls.munmap(queues.address(), queues.byteSize());
        syscalls.munmap(sqes.address(), sqes.byteSize());
        int failed = syscalls.close(fd);
        if (failed < 0 && failed != -Errno.EINTR) {
            throw new RingException("closing the ring", failed);
        }
    }
}
