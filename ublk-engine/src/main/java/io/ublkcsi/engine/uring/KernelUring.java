package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.sys.Timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** io_uring as the running kernel has it. */
public final class KernelUring implements UringSyscalls {
    private static final int SYS_IO_URING_SETUP = 425;
    private static final int SYS_IO_URING_ENTER = 426;
    private static final int SYS_IO_URING_REGISTER = 427;
    private static final int ENTER_EXT_ARG = 1 << 3;

    @Override
    public int setup(int entries, MemorySegment params) {
        return (int) Linux.syscall(SYS_IO_URING_SETUP, entries, params.address(), 0, 0, 0);
    }

    @Override
    public int enter(int ring, int submit, int minComplete, int flags) {
        return (int) Linux.syscall(SYS_IO_URING_ENTER, ring, submit, minComplete, flags, 0);
    }

    @Override
    public int enterTimed(int ring, int submit, int minComplete, int flags, long timeoutNs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timespec = arena.allocate(Timespec.LENGTH, 8);
            Timespec.write(timespec, 0, timeoutNs);
            MemorySegment argument = arena.allocate(GeteventsArg.LENGTH, 8);
            argument.set(Memory.LONG, GeteventsArg.TS, timespec.address());
            int allFlags = flags | ENTER_EXT_ARG;
            return (int) Linux.syscall(
                    SYS_IO_URING_ENTER, ring, submit, minComplete, allFlags, argument.address(), GeteventsArg.LENGTH);
        }
    }

    @Override
    public int register(int ring, int operation, long argument, int count) {
        return (int) Linux.syscall(SYS_IO_URING_REGISTER, ring, operation, argument, count, 0);
    }

    @Override
    public long mmap(int fd, long length, int protection, long offset) {
        return Linux.mmap(length, protection, Linux.MAP_SHARED | Linux.MAP_POPULATE, fd, offset);
    }

    @Override
    public int munmap(long address, long length) {
        return Linux.munmap(address, length);
    }

    @Override
    public int close(int fd) {
        return Linux.close(fd);
    }
}
