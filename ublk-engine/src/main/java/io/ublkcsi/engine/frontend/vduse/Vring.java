package io.ublkcsi.engine.frontend.vduse;

/**
 * A split virtqueue in memory (include/uapi/linux/virtio_ring.h; virtio 1.2, section 2.7): table of descriptors, ring
 * of those that the driver has made available, ring of those that we have used.
 */
public final class Vring {
    /** {@code struct vring_desc}. */
    public static final int DESC_LENGTH = 16;

    public static final int DESC_ADDR = 0;
    public static final int DESC_LEN = 8;
    public static final int DESC_FLAGS = 12;
    public static final int DESC_NEXT = 14;

    public static final int DESC_F_NEXT = 1;
    public static final int DESC_F_WRITE = 2;
    public static final int DESC_F_INDIRECT = 4;

    /** {@code struct vring_avail}; behind the ring stands {@code used_event}. */
    public static final int AVAIL_FLAGS = 0;

    public static final int AVAIL_IDX = 2;
    public static final int AVAIL_RING = 4;
    public static final int AVAIL_F_NO_INTERRUPT = 1;

    /** {@code struct vring_used}; behind the ring stands {@code avail_event}. */
    public static final int USED_FLAGS = 0;

    public static final int USED_IDX = 2;
    public static final int USED_RING = 4;
    public static final int USED_F_NO_NOTIFY = 1;

    /** {@code struct vring_used_elem}. */
    public static final int USED_ELEM_LENGTH = 8;

    public static final int USED_ELEM_ID = 0;
    public static final int USED_ELEM_LEN = 4;

    /** Entries of the largest queue. */
    public static final int MAX_SIZE = 1 << 15;

    private Vring() {}

    static long descriptorBytes(int size) {
        return (long) size * DESC_LENGTH;
    }

    static long availableBytes(int size) {
        return AVAIL_RING + 2L * size + 2;
    }

    static long usedBytes(int size) {
        return USED_RING + (long) USED_ELEM_LENGTH * size + 2;
    }

    /** {@code vring_need_event}: whether going from {@code before} to {@code now} passes {@code event}. */
    static boolean passes(int event, int before, int now) {
        return (now - event - 1 & 0xffff) < (now - before & 0xffff);
    }
}
