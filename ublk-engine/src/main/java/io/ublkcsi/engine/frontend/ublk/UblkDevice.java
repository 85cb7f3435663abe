package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A live ublk device: one backend's volume as {@code /dev/ublkbN}. Its methods block, have deadlines, and are called
 * by one control thread at a time.
 */
public final class UblkDevice {
    private final UringSyscalls syscalls;
    private final Backend backend;
    private final DataPathChoice choice;
    private final int maxIoBytes;
    private final DeviceInfo info;
    private final boolean chains;

    // Set before start() hands the device out.
    @SuppressWarnings("NullAway.Init")
    private UblkControl.DeviceNumbers numbers;

    @SuppressWarnings("NullAway.Init")
    private QueueThreads threads;

    private UblkDevice(
            UringSyscalls syscalls,
            Backend backend,
            DataPathChoice choice,
            int maxIoBytes,
            DeviceInfo info,
            boolean chains) {
        this.syscalls = syscalls;
        this.backend = backend;
        this.choice = choice;
        this.maxIoBytes = maxIoBytes;
        this.info = info;
        this.chains = chains;
    }

    /**
     * Shows a volume as a block device. When this fails, nothing of it is left but the backend, which stays the
     * caller's.
     *
     * @throws EngineException with the cure
     */
    public static UblkDevice start(UringSyscalls syscalls, Backend backend, UblkOptions options) {
        try (UblkControl control = new UblkControl(syscalls)) {
            Set<UblkFeature> kernel = control.features();
            DataPathChoice choice = DataPathChoice.choose(kernel, backend.limits(), options.dataPath());
            int maxIoBytes = TransferSize.choose(choice.path(), options, backend.limits());
            long flags = UblkFeature.mask(wanted(kernel, choice.path(), options.failIo()));
            DeviceInfo info = control.add(
                    DeviceInfo.request(DeviceInfo.ANY_ID, options.queues(), options.depth(), maxIoBytes, flags));
            UblkDevice device = new UblkDevice(
                    syscalls, backend, choice, maxIoBytes, info, kernel.contains(UblkFeature.SUPPORT_ZERO_COPY));
            device.startOrUndo(control);
            return device;
        }
    }

    private static Set<UblkFeature> wanted(Set<UblkFeature> kernel, DataPath path, boolean failIo) {
        EnumSet<UblkFeature> wanted = EnumSet.of(
                UblkFeature.CMD_IOCTL_ENCODE,
                UblkFeature.USER_RECOVERY,
                UblkFeature.UPDATE_SIZE,
                UblkFeature.QUIESCE,
                UblkFeature.SAFE_STOP_DEV,
                UblkFeature.NO_AUTO_PART_SCAN);
        wanted.addAll(path.features());
        wanted.add(failIo ? UblkFeature.USER_RECOVERY_FAIL_IO : UblkFeature.USER_RECOVERY_REISSUE);
        wanted.retainAll(kernel);
        if (failIo && !wanted.contains(UblkFeature.USER_RECOVERY_FAIL_IO)) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "recovery policy 'fail' needs a kernel from " + UblkFeature.USER_RECOVERY_FAIL_IO.since()
                            + " on: use 'wait' on this node");
        }
        return wanted;
    }

    private void startOrUndo(UblkControl control) {
        try {
            checkGranted();
            BlockLimits limits = backend.limits();
            control.setParams(info.id(), limits, maxIoBytes, choice.path().isZeroCopy());
            openQueues(control);
            control.start(info.id(), Linux.getpid());
            numbers = control.numbers(info.id());
            UblkNodes.awaitBlock(info.id(), numbers);
        } catch (RuntimeException failure) {
            undo(failure);
            throw failure;
        }
    }

    /** The driver drops what it does not know without a word. */
    private void checkGranted() {
        if (!info.features().containsAll(choice.path().features())) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "the driver did not grant " + choice.path().label() + " although it lists the feature");
        }
    }

    private void openQueues(UblkControl control) {
        int device = UblkNodes.openCharacter(info.id(), control.numbers(info.id()));
        try {
            threads = QueueThreads.start(syscalls, this, control, device);
            backend.queuesOpened();
        } finally {
            Linux.close(device);
        }
    }

    private void undo(RuntimeException failure) {
        try (UblkControl control = new UblkControl(syscalls)) {
            if (threads != null) {
                threads.abandon();
            }
            control.stop(info.id());
            control.delete(info.id());
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }

    /**
     * Whether commits may be linked behind the entries that move and store the data. Until 6.14 a command that waits in
     * a chain is read from the submission ring when its turn comes (io_uring/uring_cmd.c, io_uring_cmd_prep_setup): by
     * then another request's entry may stand there, and a request would be committed that was not served. The first
     * kernels of which the driver itself tells us that they are newer are those with zero copy, from 6.15 on.
     */
    boolean chains() {
        return chains;
    }

    /** Whether the kernel can change the size while the device is live. */
    public boolean canResize() {
        return info.has(UblkFeature.UPDATE_SIZE);
    }

    /** Brings the device to its backend's size. */
    public void resize() {
        if (!canResize()) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "this kernel cannot change the size of a live ublk device (UPDATE_SIZE comes with"
                            + " 6.16): the volume has its"
                            + " new size after it was unstaged and staged again");
        }
        try (UblkControl control = new UblkControl(syscalls)) {
            control.updateSize(info.id(), backend.limits().sizeBytes());
        }
    }

    /** The size that the driver shows, in bytes. */
    public long sizeBytes() {
        try (UblkControl control = new UblkControl(syscalls)) {
            return control.sizeBytes(info.id());
        }
    }

    /**
     * Ends the device and everything that serves it.
     *
     * @param force although somebody has it open; his I/O fails
     * @throws EngineException FAILED_PRECONDITION while it is in use
     */
    public void stop(boolean force) {
        try (UblkControl control = new UblkControl(syscalls)) {
            if (force) {
                control.stop(info.id());
                threads.join();
                // A file system that is still mounted keeps the dead disk; it goes with the umount.
                control.deleteAsync(info.id());
            } else {
                stopUnused(control);
                threads.join();
                control.delete(info.id());
            }
        }
    }

    private void stopUnused(UblkControl control) {
        boolean stopped = info.has(UblkFeature.SAFE_STOP_DEV) ? control.tryStop(info.id()) : stopIfExclusive(control);
        if (!stopped) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    path() + " is in use: unmount it and close what has it open (fuser -v " + path() + " names them),"
                            + " or detach by force, which fails their I/O");
        }
    }

    /** Without SAFE_STOP_DEV: mounted and claimed devices cannot be opened exclusively. A plain open is not seen. */
    private boolean stopIfExclusive(UblkControl control) {
        int claim = Linux.open(path(), Linux.O_RDONLY | Linux.O_EXCL);
        if (claim == -Errno.EBUSY) {
            return false;
        }
        if (claim >= 0) {
            Linux.close(claim);
        }
        control.stop(info.id());
        return true;
    }

    Backend backend() {
        return backend;
    }

    public int id() {
        return info.id();
    }

    public String path() {
        return UblkNodes.block(info.id());
    }

    /** As the driver granted it. */
    public DeviceInfo info() {
        return info;
    }

    public UblkControl.DeviceNumbers numbers() {
        return numbers;
    }

    public DataPathChoice dataPath() {
        return choice;
    }

    public int maxIoBytes() {
        return maxIoBytes;
    }

    /** One a queue. */
    public List<QueueMetrics> metrics() {
        return threads.metrics();
    }

    public QueueThreads threads() {
        return threads;
    }
}
