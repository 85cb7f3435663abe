package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory of a simulated driver, at addresses of its own: one region for rings, one for data, as the kernel has them.
 * Each lies between pages that nobody may touch: an access outside ends the test's process.
 */
final class DriverMemory implements AutoCloseable {
    static final long RINGS_IOVA = 0x47ffe0000000L;
    static final long DATA_IOVA = 0x10000;

    private static final long SYS_MPROTECT = System.getProperty("os.arch").equals("aarch64") ? 226 : 10;
    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = Linux.PROT_READ | Linux.PROT_WRITE;

    private final MemorySegment rings;
    private final MemorySegment data;
    private int mapped;

    /**
     * @param ringBytes a multiple of the page size
     * @param dataBytes a multiple of the page size
     */
    DriverMemory(long ringBytes, long dataBytes) {
        rings = guarded(ringBytes);
        data = guarded(dataBytes);
    }

    private static MemorySegment guarded(long bytes) {
        long whole = bytes + 2L * Memory.PAGE_BYTES;
        int flags = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS;
        long around = Linux.mmap(whole, PROT_NONE, flags, -1, 0);
        if (around < 0 && around > -4096) {
            throw new AssertionError("mmap: " + Errno.name(around));
        }
        long inside = around + Memory.PAGE_BYTES;
        if (Linux.syscall(SYS_MPROTECT, inside, bytes, PROT_READ_WRITE, 0, 0) != 0) {
            throw new AssertionError("mprotect");
        }
        return Memory.at(inside, bytes);
    }

    MemorySegment rings() {
        return rings;
    }

    MemorySegment data() {
        return data;
    }

    /** What the kernel answers to IOTLB_GET_FD. */
    Iotlb.@Nullable Region map(long iova) {
        if (iova >= RINGS_IOVA && iova < RINGS_IOVA + rings.byteSize()) {
            return region(RINGS_IOVA, rings);
        }
        return iova >= DATA_IOVA && iova < DATA_IOVA + data.byteSize() ? region(DATA_IOVA, data) : null;
    }

    private Iotlb.Region region(long iova, MemorySegment memory) {
        mapped++;
        long last = iova + memory.byteSize() - 1;
        return new Iotlb.Region(iova, last, memory.address(), IotlbEntry.ACCESS_RW, () -> mapped--);
    }

    /** Regions that are mapped now. */
    int mapped() {
        return mapped;
    }

    boolean holds(long address, long bytes) {
        return inside(rings, address, bytes) || inside(data, address, bytes);
    }

    private static boolean inside(MemorySegment memory, long address, long bytes) {
        return address >= memory.address() && address + bytes <= memory.address() + memory.byteSize();
    }

    @Override
    public void close() {
        Linux.munmap(rings.address() - Memory.PAGE_BYTES, rings.byteSize() + 2L * Memory.PAGE_BYTES);
        Linux.munmap(data.address() - Memory.PAGE_BYTES, data.byteSize() + 2L * Memory.PAGE_BYTES);
    }
}
