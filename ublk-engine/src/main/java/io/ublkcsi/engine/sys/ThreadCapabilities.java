package io.ublkcsi.engine.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the calling thread may do beyond its user's rights (capabilities(7)): each thread has capabilities of its own,
 * and what it gives up does not come back.
 */
public final class ThreadCapabilities {
    public static final int CAP_IPC_LOCK = 14;
    private static final int VERSION_3 = 0x20080522;

    private ThreadCapabilities() {}

    /**
     * Gives up every capability but one, and that one too where the thread does not have it.
     *
     * @return 0, or {@code -errno}
     */
    public static int keepOnly(int capability) {
        long mask = permitted() & 1L << capability;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(CapHeader.LENGTH, 8);
            header.set(Memory.INT, CapHeader.VERSION, VERSION_3);
            MemorySegment data = arena.allocate(2L * CapData.LENGTH, 8);
            set(data, (int) mask);
            set(data.asSlice(CapData.LENGTH), (int) (mask >>> Integer.SIZE));
            return (int) Linux.syscall(Arch.current().capset, header.address(), data.address(), 0, 0, 0);
        }
    }

    private static void set(MemorySegment data, int mask) {
        data.set(Memory.INT, CapData.EFFECTIVE, mask);
        data.set(Memory.INT, CapData.PERMITTED, mask);
        data.set(Memory.INT, CapData.INHERITABLE, 0);
    }

    /** Of the calling thread, by number. */
    static long permitted() {
        return StatusFile.capabilities(StatusFile.THREAD, "CapPrm");
    }
}
