package io.ublkcsi.engine.frontend.vduse;

/** {@code struct virtio_blk_discard_write_zeroes} (include/uapi/linux/virtio_blk.h). */
public final class BlkRange {
    public static final int LENGTH = 16;
    public static final int SECTOR = 0;
    public static final int NUM_SECTORS = 8;
    public static final int FLAGS = 12;

    public static final int FLAG_UNMAP = 1;

    private BlkRange() {}
}
