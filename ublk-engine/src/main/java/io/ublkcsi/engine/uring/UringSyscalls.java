package io.ublkcsi.engine.uring;

import java.lang.foreign.MemorySegment;

/**
 * The system calls that a {@link Ring} makes: the seam at which tests put {@code SimulatedUring} in the kernel's place.
 * Results are the call's, or {@code -errno}.
 */
public interface UringSyscalls {
    int setup(int entries, MemorySegment params);

    int enter(int ring, int submit, int minComplete, int flags);

    /** Like {@link #enter}, but gives up with {@code -ETIME} after {@code timeoutNs}. Not for the I/O path. */
    int enterTimed(int ring, int submit, int minComplete, int flags, long timeoutNs);

    int register(int ring, int operation, long argument, int count);

    /** Maps one of the ring's areas, or {@code ublkcN}'s descriptors; answers the address. */
    long mmap(int fd, long length, int protection, long offset);

    int munmap(long address, long length);

    int close(int fd);
}
