package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * {@code struct ublksrv_ctrl_dev_info} (include/uapi/linux/ublk_cmd.h): what ADD_DEV asks for and answers.
 *
 * @param pid of the serving process, in the reader's namespace; -1 when there is none
 * @param flags {@code UBLK_F_*}
 * @param serverFlags ours to use: the driver keeps it for the device's life and never looks at it
 */
public record DeviceInfo(
        int queues, int depth, int state, int maxIoBytes, int id, int pid, long flags, long serverFlags) {
    public static final int LENGTH = 64;
    public static final int NR_HW_QUEUES = 0;
    public static final int QUEUE_DEPTH = 2;
    public static final int STATE = 4;
    public static final int MAX_IO_BUF_BYTES = 8;
    public static final int DEV_ID = 12;
    public static final int UBLKSRV_PID = 16;
    public static final int FLAGS = 24;
    public static final int UBLKSRV_FLAGS = 32;
    public static final int OWNER_UID = 40;
    public static final int OWNER_GID = 44;

    public static final int STATE_DEAD = 0;
    public static final int STATE_LIVE = 1;
    public static final int STATE_QUIESCED = 2;
    public static final int STATE_FAIL_IO = 3;

    /** {@code dev_id} that asks the kernel for any free one. */
    public static final int ANY_ID = -1;

    /** What ADD_DEV is asked for. */
    public static DeviceInfo request(int id, int queues, int depth, int maxIoBytes, long flags, long serverFlags) {
        return new DeviceInfo(queues, depth, STATE_DEAD, maxIoBytes, id, -1, flags, serverFlags);
    }

    static DeviceInfo read(MemorySegment info) {
        return new DeviceInfo(
                Short.toUnsignedInt(info.get(Memory.SHORT, NR_HW_QUEUES)),
                Short.toUnsignedInt(info.get(Memory.SHORT, QUEUE_DEPTH)),
                Short.toUnsignedInt(info.get(Memory.SHORT, STATE)),
                info.get(Memory.INT, MAX_IO_BUF_BYTES),
                info.get(Memory.INT, DEV_ID),
                info.get(Memory.INT, UBLKSRV_PID),
                info.get(Memory.LONG, FLAGS),
                info.get(Memory.LONG, UBLKSRV_FLAGS));
    }

    void write(MemorySegment info) {
        info.fill((byte) 0);
        info.set(Memory.SHORT, NR_HW_QUEUES, (short) queues);
        info.set(Memory.SHORT, QUEUE_DEPTH, (short) depth);
        info.set(Memory.INT, MAX_IO_BUF_BYTES, maxIoBytes);
        info.set(Memory.INT, DEV_ID, id);
        info.set(Memory.LONG, FLAGS, flags);
        info.set(Memory.LONG, UBLKSRV_FLAGS, serverFlags);
    }

    public Set<UblkFeature> features() {
        return UblkFeature.of(flags);
    }

    public boolean has(UblkFeature feature) {
        return (flags & feature.bit()) != 0;
    }
}
