package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/** {@code struct virtio_blk_config} (include/uapi/linux/virtio_blk.h): what the block device is like. */
public final class BlkConfig {
    public static final int LENGTH = 96;
    public static final int CAPACITY = 0;
    public static final int SEG_MAX = 12;
    public static final int BLK_SIZE = 20;
    public static final int PHYSICAL_BLOCK_EXP = 24;
    public static final int MIN_IO_SIZE = 26;
    public static final int OPT_IO_SIZE = 28;
    public static final int NUM_QUEUES = 34;
    public static final int MAX_DISCARD_SECTORS = 36;
    public static final int MAX_DISCARD_SEG = 40;
    public static final int DISCARD_SECTOR_ALIGNMENT = 44;
    public static final int MAX_WRITE_ZEROES_SECTORS = 48;
    public static final int MAX_WRITE_ZEROES_SEG = 52;
    public static final int WRITE_ZEROES_MAY_UNMAP = 56;

    /** Pieces of a request's data. A ring entry's vector may have 1024. */
    static final int SEGMENTS = 128;

    /** Largest discard or zeroing in one request: bounded, so that a shutdown or a pause never waits for a huge one. */
    static final int DISCARD_SECTORS = 1 << 21;

    private BlkConfig() {}

    /** The features that a volume's device offers. */
    static long features(BlockLimits limits) {
        long features = VirtioFeature.bits(
                VirtioFeature.VERSION_1,
                VirtioFeature.ACCESS_PLATFORM,
                VirtioFeature.INDIRECT_DESC,
                VirtioFeature.EVENT_IDX,
                VirtioFeature.BLK_SEG_MAX,
                VirtioFeature.BLK_BLK_SIZE,
                VirtioFeature.BLK_TOPOLOGY,
                VirtioFeature.BLK_MQ);
        features |= limits.volatileCache() ? VirtioFeature.bits(VirtioFeature.BLK_FLUSH) : 0;
        features |= limits.readOnly() ? VirtioFeature.bits(VirtioFeature.BLK_RO) : 0;
        features |= limits.discard() ? VirtioFeature.bits(VirtioFeature.BLK_DISCARD) : 0;
        features |= limits.writeZeroes() ? VirtioFeature.bits(VirtioFeature.BLK_WRITE_ZEROES) : 0;
        return features;
    }

    static void write(MemorySegment config, BlockLimits limits, int queues) {
        config.fill((byte) 0);
        int logical = limits.logicalBytes();
        config.set(Memory.LONG, CAPACITY, limits.sizeBytes() / Requests.SECTOR_BYTES);
        config.set(Memory.INT, SEG_MAX, SEGMENTS);
        config.set(Memory.INT, BLK_SIZE, logical);
        int exponent = Integer.numberOfTrailingZeros(limits.physicalBytes() / logical);
        config.set(Memory.BYTE, PHYSICAL_BLOCK_EXP, (byte) exponent);
        config.set(Memory.SHORT, MIN_IO_SIZE, (short) (limits.physicalBytes() / logical));
        config.set(Memory.INT, OPT_IO_SIZE, limits.optimalBytes() / logical);
        config.set(Memory.SHORT, NUM_QUEUES, (short) queues);
        if (limits.discard()) {
            config.set(Memory.INT, MAX_DISCARD_SECTORS, DISCARD_SECTORS);
            config.set(Memory.INT, MAX_DISCARD_SEG, 1);
            config.set(Memory.INT, DISCARD_SECTOR_ALIGNMENT, limits.physicalBytes() / Requests.SECTOR_BYTES);
        }
        if (limits.writeZeroes()) {
            config.set(Memory.INT, MAX_WRITE_ZEROES_SECTORS, DISCARD_SECTORS);
            config.set(Memory.INT, MAX_WRITE_ZEROES_SEG, 1);
            config.set(Memory.BYTE, WRITE_ZEROES_MAY_UNMAP, (byte) (limits.discard() ? 1 : 0));
        }
    }
}
