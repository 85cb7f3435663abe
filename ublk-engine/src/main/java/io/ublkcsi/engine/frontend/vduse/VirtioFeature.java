package io.ublkcsi.engine.frontend.vduse;

/** Numbers of feature bits (include/uapi/linux/virtio_config.h, virtio_ring.h, virtio_blk.h). */
public final class VirtioFeature {
    public static final int VERSION_1 = 32;
    /** The driver's addresses go through the IOTLB; VDUSE takes no device without it. */
    public static final int ACCESS_PLATFORM = 33;

    public static final int INDIRECT_DESC = 28;
    public static final int EVENT_IDX = 29;

    public static final int BLK_SEG_MAX = 2;
    public static final int BLK_RO = 5;
    public static final int BLK_BLK_SIZE = 6;
    public static final int BLK_FLUSH = 9;
    public static final int BLK_TOPOLOGY = 10;
    public static final int BLK_MQ = 12;
    public static final int BLK_DISCARD = 13;
    public static final int BLK_WRITE_ZEROES = 14;

    /** What we can't do without: the ring layout and the addresses. */
    private static final long NEEDED = bits(VERSION_1, ACCESS_PLATFORM);

    private VirtioFeature() {}

    /** Whether a driver may want these features of a device that offers those. */
    static boolean isAcceptable(long wanted, long offered) {
        return (wanted & NEEDED) == NEEDED && (wanted & ~offered) == 0;
    }

    static long bits(int... numbers) {
        long bits = 0;
        for (int number : numbers) {
            bits |= 1L << number;
        }
        return bits;
    }

    static boolean has(long features, int number) {
        return (features & 1L << number) != 0;
    }
}
