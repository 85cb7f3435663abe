package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/** {@code struct ublk_params} (include/uapi/linux/ublk_cmd.h): what the block device is like. */
public final class DeviceParams {
    public static final int LENGTH = 152;
    public static final int LEN = 0;
    public static final int TYPES = 4;
    /** {@code struct ublk_param_basic}. */
    public static final int BASIC = 8;

    public static final int BASIC_ATTRS = BASIC;
    public static final int BASIC_LOGICAL_BS_SHIFT = BASIC + 4;
    public static final int BASIC_PHYSICAL_BS_SHIFT = BASIC + 5;
    public static final int BASIC_IO_OPT_SHIFT = BASIC + 6;
    public static final int BASIC_IO_MIN_SHIFT = BASIC + 7;
    public static final int BASIC_MAX_SECTORS = BASIC + 8;
    public static final int BASIC_CHUNK_SECTORS = BASIC + 12;
    public static final int BASIC_DEV_SECTORS = BASIC + 16;
    public static final int BASIC_VIRT_BOUNDARY_MASK = BASIC + 24;
    /** {@code struct ublk_param_discard}. */
    public static final int DISCARD = 40;

    public static final int DISCARD_ALIGNMENT = DISCARD;
    public static final int DISCARD_GRANULARITY = DISCARD + 4;
    public static final int DISCARD_MAX_SECTORS = DISCARD + 8;
    public static final int DISCARD_MAX_WRITE_ZEROES_SECTORS = DISCARD + 12;
    public static final int DISCARD_MAX_SEGMENTS = DISCARD + 16;
    /** {@code struct ublk_param_devt}. */
    public static final int DEVT = 60;

    public static final int DEVT_DISK_MAJOR = DEVT + 8;
    public static final int DEVT_DISK_MINOR = DEVT + 12;
    /** {@code struct ublk_param_dma_align}. */
    public static final int DMA = 108;

    public static final int DMA_ALIGNMENT = DMA;
    /** {@code struct ublk_param_segment}. */
    public static final int SEGMENT = 120;

    public static final int SEGMENT_BOUNDARY_MASK = SEGMENT;
    public static final int SEGMENT_MAX_SIZE = SEGMENT + 8;
    public static final int SEGMENT_MAX_SEGMENTS = SEGMENT + 12;

    public static final int TYPE_BASIC = 1;
    public static final int TYPE_DISCARD = 1 << 1;
    public static final int TYPE_DEVT = 1 << 2;
    public static final int TYPE_DMA_ALIGN = 1 << 4;
    public static final int TYPE_SEGMENT = 1 << 5;

    public static final int ATTR_READ_ONLY = 1;
    public static final int ATTR_ROTATIONAL = 1 << 1;
    public static final int ATTR_VOLATILE_CACHE = 1 << 2;
    public static final int ATTR_FUA = 1 << 3;

    /** Largest discard or zeroing in one request: bounded, so that a shutdown or a pause never waits for a huge one. */
    static final int MAX_DISCARD_SECTORS = 1 << 21;

    private static final int MIN_SEGMENT_BYTES = 4096;

    private DeviceParams() {}

    /**
     * Fills {@code params} in for SET_PARAMS.
     *
     * @param ownPages the backend's I/O will use the request's own pages, so they must be as its disk wants them
     */
    static void write(MemorySegment params, BlockLimits limits, int maxIoBytes, boolean ownPages) {
        params.fill((byte) 0);
        params.set(Memory.INT, LEN, LENGTH);
        int types = TYPE_BASIC;
        writeBasic(params, limits, maxIoBytes);
        if (limits.discard() || limits.writeZeroes()) {
            types |= TYPE_DISCARD;
            writeDiscard(params, limits);
        }
        if (ownPages) {
            types |= TYPE_DMA_ALIGN | TYPE_SEGMENT;
            params.set(Memory.INT, DMA_ALIGNMENT, dmaAlign(limits) - 1);
            params.set(Memory.LONG, SEGMENT_BOUNDARY_MASK, Long.MAX_VALUE);
            params.set(Memory.INT, SEGMENT_MAX_SIZE, Math.max(MIN_SEGMENT_BYTES, maxIoBytes));
            params.set(Memory.SHORT, SEGMENT_MAX_SEGMENTS, (short) 256);
        }
        params.set(Memory.INT, TYPES, types);
    }

    private static void writeBasic(MemorySegment params, BlockLimits limits, int maxIoBytes) {
        int attrs = (limits.readOnly() ? ATTR_READ_ONLY : 0)
                | (limits.rotational() ? ATTR_ROTATIONAL : 0)
                | (limits.volatileCache() ? ATTR_VOLATILE_CACHE | ATTR_FUA : 0);
        params.set(Memory.INT, BASIC_ATTRS, attrs);
        params.set(Memory.BYTE, BASIC_LOGICAL_BS_SHIFT, shift(limits.logicalBytes()));
        params.set(Memory.BYTE, BASIC_PHYSICAL_BS_SHIFT, shift(limits.physicalBytes()));
        params.set(Memory.BYTE, BASIC_IO_MIN_SHIFT, shift(limits.physicalBytes()));
        params.set(Memory.BYTE, BASIC_IO_OPT_SHIFT, shift(Math.max(limits.optimalBytes(), limits.physicalBytes())));
        params.set(Memory.INT, BASIC_MAX_SECTORS, maxIoBytes / Requests.SECTOR_BYTES);
        params.set(Memory.LONG, BASIC_DEV_SECTORS, limits.sizeBytes() / Requests.SECTOR_BYTES);
    }

    private static void writeDiscard(MemorySegment params, BlockLimits limits) {
        params.set(Memory.INT, DISCARD_GRANULARITY, limits.physicalBytes());
        if (limits.discard()) {
            params.set(Memory.INT, DISCARD_MAX_SECTORS, MAX_DISCARD_SECTORS);
            params.set(Memory.SHORT, DISCARD_MAX_SEGMENTS, (short) 1);
        }
        if (limits.writeZeroes()) {
            params.set(Memory.INT, DISCARD_MAX_WRITE_ZEROES_SECTORS, MAX_DISCARD_SECTORS);
        }
    }

    /** Below a page: the driver takes no more (ublk_validate_params), and whole pages are aligned anyhow. */
    private static int dmaAlign(BlockLimits limits) {
        return Math.min(Math.max(limits.memoryAlignBytes(), 4), Memory.PAGE_BYTES / 2);
    }

    private static byte shift(int powerOfTwo) {
        return (byte) Integer.numberOfTrailingZeros(powerOfTwo);
    }
}
