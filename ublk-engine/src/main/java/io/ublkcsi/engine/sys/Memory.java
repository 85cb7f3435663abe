package io.ublkcsi.engine.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Access to memory that is shared with the kernel: little-endian layouts, acquire and release handles, mappings. */
public final class Memory {
    public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    public static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfLong UNALIGNED_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT_HANDLE = INT.varHandle();
    private static final VarHandle SHORT_HANDLE = SHORT.varHandle();

    /** Bytes of a page, as the kernel says (getconf PAGESIZE). */
    public static final int PAGE_BYTES = Linux.getpagesize();

    @SuppressWarnings("restricted") // all of memory, for copies between plain addresses
    private static final MemorySegment EVERYTHING = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private Memory() {}

    public static int getAcquire(MemorySegment segment, long offset) {
        return (int) INT_HANDLE.getAcquire(segment, offset);
    }

    public static void setRelease(MemorySegment segment, long offset, int value) {
        INT_HANDLE.setRelease(segment, offset, value);
    }

    /** 16 bits, unsigned. */
    public static int getShortAcquire(MemorySegment segment, long offset) {
        return (short) SHORT_HANDLE.getAcquire(segment, offset) & 0xffff;
    }

    public static void setShortRelease(MemorySegment segment, long offset, int value) {
        SHORT_HANDLE.setRelease(segment, offset, (short) value);
    }

    /** Whatever was stored before is seen before anything is loaded after: what release and acquire don't order. */
    public static void fullFence() {
        VarHandle.fullFence();
    }

    /** A segment over {@code length} bytes at an absolute address that the caller keeps mapped. */
    @SuppressWarnings("restricted") // the caller vouches for the mapping
    public static MemorySegment at(long address, long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    /**
     * Anonymous memory, page aligned, touched now so that no I/O has to wait for a page later.
     *
     * @throws OutOfMemoryError when the kernel refuses
     */
    public static MemorySegment allocatePages(long length) {
        int flags = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_POPULATE;
        long address = Linux.mmap(length, Linux.PROT_READ | Linux.PROT_WRITE, flags, -1, 0);
        if (address < 0 && address > -4096) {
            throw new OutOfMemoryError("mmap of " + length + " bytes for I/O buffers failed with " + Errno.name(address)
                    + "; lower the queue depth or raise the memory limit of the engine");
        }
        return at(address, length);
    }

    /**
     * Anonymous memory that reads as zeroes and takes up only what was written to: for large, sparse things that are
     * not on the way of memory reclaim.
     *
     * @throws OutOfMemoryError when the kernel refuses
     */
    public static MemorySegment reservePages(long length) {
        int flags = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_NORESERVE;
        long address = Linux.mmap(length, Linux.PROT_READ | Linux.PROT_WRITE, flags, -1, 0);
        if (address < 0 && address > -4096) {
            throw new OutOfMemoryError("mmap of " + length + " bytes of address space failed with "
                    + Errno.name(address) + "; choose a smaller size or raise RLIMIT_AS");
        }
        return at(address, length);
    }

    /** What stands at an absolute address, aligned or not, that the caller vouches for. */
    public static long longAt(long address) {
        return EVERYTHING.get(UNALIGNED_LONG, address);
    }

    /** Writes to an absolute address, aligned or not, that the caller vouches for. */
    public static void putLong(long address, long value) {
        EVERYTHING.set(UNALIGNED_LONG, address, value);
    }

    /** Writes to an absolute address that the caller vouches for. */
    public static void putByte(long address, int value) {
        EVERYTHING.set(BYTE, address, (byte) value);
    }

    /** Copies between absolute addresses; both ranges are the caller's to vouch for. */
    public static void copy(long from, long to, long bytes) {
        MemorySegment.copy(EVERYTHING, from, EVERYTHING, to, bytes);
    }

    public static void freePages(MemorySegment pages) {
        Linux.munmap(pages.address(), pages.byteSize());
    }

    public static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }

    /** Writes where no memory is: the JVM ends there, and leaves its report. For tests of what comes after. */
    public static void crash() {
        at(Long.BYTES, Long.BYTES).set(LONG, 0, 0L);
    }
}
