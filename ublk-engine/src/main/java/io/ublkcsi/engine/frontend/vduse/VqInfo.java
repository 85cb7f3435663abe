package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * {@code struct vduse_vq_info} (include/uapi/linux/vduse.h): a virtqueue as its driver has set it up.
 *
 * @param num entries
 * @param descriptors address of the descriptor table, as the driver counts addresses
 * @param available address of the ring that the driver writes
 * @param used address of the ring that we write
 */
public record VqInfo(int num, long descriptors, long available, long used, boolean ready) {
    public static final int LENGTH = 48;
    public static final int INDEX = 0;
    public static final int NUM = 4;
    public static final int DESC_ADDR = 8;
    public static final int DRIVER_ADDR = 16;
    public static final int DEVICE_ADDR = 24;
    public static final int SPLIT = 32;
    public static final int READY = 40;

    static VqInfo read(MemorySegment info) {
        return new VqInfo(
                info.get(Memory.INT, NUM),
                info.get(Memory.LONG, DESC_ADDR),
                info.get(Memory.LONG, DRIVER_ADDR),
                info.get(Memory.LONG, DEVICE_ADDR),
                info.get(Memory.BYTE, READY) != 0);
    }
}
