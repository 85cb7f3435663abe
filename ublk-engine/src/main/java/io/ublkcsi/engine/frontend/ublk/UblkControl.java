package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The driver's control commands, typed. Every one has a deadline, and blocks its caller until then at most: never
 * called from a queue's thread. One caller at a time.
 *
 * @see <a href="https://docs.kernel.org/block/ublk.html">ublk, control plane</a>
 */
public final class UblkControl implements AutoCloseable {
    /** For commands that only read or set a value. */
    static final long QUICK_NS = TimeUnit.SECONDS.toNanos(10);
    /** For commands that wait for I/O: start (the kernel may read the partition table), stop, delete. */
    static final long SLOW_NS = TimeUnit.SECONDS.toNanos(30);

    private static final int AFFINITY_BYTES = 128;
    private static final int FEATURES_BYTES = 8;
    /** Room for {@code /dev/ublkcN}, NULs after it, so that what follows is aligned. */
    private static final int PATH_BYTES = 32;

    private final ControlRing ring;

    /**
     * @throws EngineException with the cure when there is no driver, no io_uring, or no permission
     */
    public UblkControl(UringSyscalls syscalls) {
        ring = new ControlRing(syscalls);
    }

    /** Where the kernel put a device's nodes. */
    public record DeviceNumbers(int charMajor, int charMinor, int diskMajor, int diskMinor) {}

    /** What the driver can do; a kernel that cannot even say so (below 6.5) can do nothing that we need. */
    public Set<UblkFeature> features() {
        ring.payload().set(Memory.LONG, 0, 0L);
        int result = ring.command(UblkOpcode.GET_FEATURES, -1, 0, FEATURES_BYTES, 0, deadline(QUICK_NS));
        if (result == -Errno.EPERM || result == -Errno.ETIMEDOUT) {
            throw UblkErrors.refused(UblkOpcode.GET_FEATURES, -1, result);
        }
        return UblkFeature.of(result < 0 ? 0 : ring.payload().get(Memory.LONG, 0));
    }

    /** Adds a device; answers what the driver made of the request. */
    public DeviceInfo add(DeviceInfo request) {
        request.write(ring.payload());
        send(UblkOpcode.ADD_DEV, request.id(), 0, DeviceInfo.LENGTH, 0, QUICK_NS);
        return DeviceInfo.read(ring.payload());
    }

    /**
     * @param ownPages see {@link DataPath#isZeroCopy}
     */
    public void setParams(int device, BlockLimits limits, int maxIoBytes, boolean ownPages) {
        DeviceParams.write(ring.payload(), limits, maxIoBytes, ownPages);
        send(UblkOpcode.SET_PARAMS, device, 0, DeviceParams.LENGTH, 0, QUICK_NS);
    }

    /** Major and minor numbers; those of the disk are 0 until it was started. */
    public DeviceNumbers numbers(int device) {
        MemorySegment params = params(device);
        return new DeviceNumbers(
                params.get(Memory.INT, DeviceParams.DEVT),
                params.get(Memory.INT, DeviceParams.DEVT + 4),
                params.get(Memory.INT, DeviceParams.DEVT_DISK_MAJOR),
                params.get(Memory.INT, DeviceParams.DEVT_DISK_MINOR));
    }

    /** The size that the driver shows, in bytes. */
    public long sizeBytes(int device) {
        return params(device).get(Memory.LONG, DeviceParams.BASIC_DEV_SECTORS) * Requests.SECTOR_BYTES;
    }

    private MemorySegment params(int device) {
        MemorySegment params = ring.payload();
        params.fill((byte) 0);
        params.set(Memory.INT, DeviceParams.LEN, DeviceParams.LENGTH);
        send(UblkOpcode.GET_PARAMS, device, 0, DeviceParams.LENGTH, 0, QUICK_NS);
        return params;
    }

    /** What the driver knows of a device, or null when there is none. */
    public @Nullable DeviceInfo info(int device) {
        MemorySegment payload = ring.payload();
        payload.fill((byte) 0);
        payload.setString(0, UblkNodes.character(device));
        int length = PATH_BYTES + DeviceInfo.LENGTH;
        int result = ring.command(UblkOpcode.GET_DEV_INFO2, device, 0, length, PATH_BYTES, deadline(QUICK_NS));
        if (result == -Errno.ENODEV) {
            return null;
        }
        check(UblkOpcode.GET_DEV_INFO2, device, result);
        return DeviceInfo.read(payload.asSlice(PATH_BYTES, DeviceInfo.LENGTH));
    }

    /**
     * The CPUs that the driver wants a queue to be served on, as sched_setaffinity(2) takes them; copied into {@code
     * into}.
     */
    public void queueAffinity(int device, int queue, MemorySegment into) {
        ring.payload().fill((byte) 0);
        send(UblkOpcode.GET_QUEUE_AFFINITY, device, queue, AFFINITY_BYTES, 0, QUICK_NS);
        into.copyFrom(ring.payload().asSlice(0, into.byteSize()));
    }

    /** Shows the block device; ends when every tag was fetched. */
    public void start(int device, int pid) {
        send(UblkOpcode.START_DEV, device, pid, 0, 0, SLOW_NS);
    }

    /** Takes the block device away; its users' I/O fails. */
    public void stop(int device) {
        int result = ring.command(UblkOpcode.STOP_DEV, device, 0, deadline(SLOW_NS));
        if (result != -Errno.ENODEV) {
            check(UblkOpcode.STOP_DEV, device, result);
        }
    }

    /** Takes the block device away unless somebody has it open; false: somebody has. Needs {@code SAFE_STOP_DEV}. */
    public boolean tryStop(int device) {
        int result = ring.command(UblkOpcode.TRY_STOP_DEV, device, 0, deadline(SLOW_NS));
        if (result == -Errno.EBUSY) {
            return false;
        }
        if (result != -Errno.ENODEV) {
            check(UblkOpcode.TRY_STOP_DEV, device, result);
        }
        return true;
    }

    /** Deletes a stopped device and waits until its last user has let go of it. */
    public void delete(int device) {
        int result = ring.command(UblkOpcode.DEL_DEV, device, 0, deadline(SLOW_NS));
        if (result != -Errno.ENODEV) {
            check(UblkOpcode.DEL_DEV, device, result);
        }
    }

    /** Deletes a stopped device without waiting for its last user. */
    public void deleteAsync(int device) {
        int result = ring.command(UblkOpcode.DEL_DEV_ASYNC, device, 0, deadline(QUICK_NS));
        if (result != -Errno.ENODEV) {
            check(UblkOpcode.DEL_DEV_ASYNC, device, result);
        }
    }

    /** Changes the size of a live device. Needs {@code UPDATE_SIZE}. */
    public void updateSize(int device, long bytes) {
        send(UblkOpcode.UPDATE_SIZE, device, bytes / Requests.SECTOR_BYTES, 0, 0, QUICK_NS);
    }

    /**
     * Makes a quiesced device ready to be fetched from again; false: the kernel has not let go of the dead server
     * yet.
     */
    public boolean startRecovery(int device) {
        int result = ring.command(UblkOpcode.START_USER_RECOVERY, device, 0, deadline(QUICK_NS));
        if (result == -Errno.EBUSY) {
            return false;
        }
        if (result != -Errno.EINVAL || !isBegun(device)) {
            check(UblkOpcode.START_USER_RECOVERY, device, result);
        }
        return true;
    }

    /**
     * Whether a recovery was begun and came to nothing before its first fetch: until 6.15 the driver then refuses to
     * begin it again, and is ready for the fetches (drivers/block/ublk_drv.c, ublk_ctrl_start_recovery).
     */
    private boolean isBegun(int device) {
        DeviceInfo info = info(device);
        return info != null
                && info.state() == DeviceInfo.STATE_QUIESCED
                && info.has(UblkFeature.USER_RECOVERY)
                && !info.has(UblkFeature.QUIESCE);
    }

    /** Lets a recovered device's I/O go on; ends when every tag was fetched. */
    public void endRecovery(int device, int pid) {
        send(UblkOpcode.END_USER_RECOVERY, device, pid, 0, 0, SLOW_NS);
    }

    /**
     * Quiesces a live device, so that a successor can recover it.
     *
     * @return false when a queue had no idle tag in time; its new I/O then waits until the call is repeated or the
     * server ends
     */
    public boolean quiesce(int device, long timeoutMs) {
        long deadlineNs = deadline(TimeUnit.MILLISECONDS.toNanos(timeoutMs) + QUICK_NS);
        int result = ring.command(UblkOpcode.QUIESCE_DEV, device, Math.max(1, timeoutMs), deadlineNs);
        if (result == -Errno.EBUSY) {
            return false;
        }
        check(UblkOpcode.QUIESCE_DEV, device, result);
        return true;
    }

    @Override
    public void close() {
        ring.close();
    }

    private void send(int opcode, int device, long data, int payloadBytes, int pathBytes, long timeoutNs) {
        check(opcode, device, ring.command(opcode, device, data, payloadBytes, pathBytes, deadline(timeoutNs)));
    }

    private static void check(int opcode, int device, int result) {
        if (result < 0) {
            throw UblkErrors.refused(opcode, device, result);
        }
    }

    private static long deadline(long timeoutNs) {
        return System.nanoTime() + timeoutNs;
    }
}
