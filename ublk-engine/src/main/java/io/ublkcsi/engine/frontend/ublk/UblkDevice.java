package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.queue.QueuePlan;
import io.ublkcsi.engine.queue.QueueThreads;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A live ublk device: one backend's volume as {@code /dev/ublkbN}. */
final class UblkDevice implements FrontendDevice {
    private static final Logger LOG = LoggerFactory.getLogger(UblkDevice.class);
    private static final int AFFINITY_BYTES = 128;
    private static final long NOTICE_MS = 1000;
    /** For the driver to find an idle tag in every queue, while new I/O waits already. */
    private static final long QUIESCE_MS = 50;

    private final UringSyscalls syscalls;
    private final Backend backend;
    private final DataPathChoice choice;
    private final int maxIoBytes;
    private final DeviceInfo info;
    /**
     * Whether commits may be linked behind the entries that move and store the data. Until 6.14 a command that waits in
     * a chain is read from the submission ring when its turn comes (io_uring/uring_cmd.c, io_uring_cmd_prep_setup): by
     * then another request's entry may stand there, and a request would be committed that was not served. The first
     * kernels of which the driver itself tells us that they are newer are those with zero copy, from 6.15 on.
     */
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
    static UblkDevice start(UringSyscalls syscalls, DeviceToken token, Backend backend, DeviceOptions options) {
        try (UblkControl control = new UblkControl(syscalls)) {
            Set<UblkFeature> kernel = control.features();
            DataPathChoice choice = DataPathChooser.choose(kernel, backend.limits(), options.dataPath());
            int maxIoBytes = TransferSize.choose(choice.path(), options, backend.limits());
            long flags = UblkFeature.mask(wanted(kernel, choice.path(), options.failIo()));
            DeviceInfo info = control.add(DeviceInfo.request(
                    DeviceInfo.ANY_ID, options.queues(), options.depth(), maxIoBytes, flags, token.value()));
            UblkDevice device = new UblkDevice(
                    syscalls, backend, choice, maxIoBytes, info, kernel.contains(UblkFeature.SUPPORT_ZERO_COPY));
            device.startOrUndo(control);
            return device;
        }
    }

    /**
     * Serves a device whose server is gone, with what it was made with. When this fails, it is as before, and the
     * backend stays the caller's.
     *
     * @throws EngineException with the cure
     */
    static UblkDevice adopt(UringSyscalls syscalls, int id, Backend backend) {
        try (UblkControl control = new UblkControl(syscalls)) {
            boolean chains = control.features().contains(UblkFeature.SUPPORT_ZERO_COPY);
            DeviceInfo info = control.info(id);
            if (info == null) {
                throw new EngineException(Kind.NOT_FOUND, UblkNodes.block(id) + " is gone");
            }
            DataPathChoice choice = DataPathChooser.of(info.features());
            UblkDevice device = new UblkDevice(syscalls, backend, choice, info.maxIoBytes(), info, chains);
            device.takeOver(control);
            return device;
        }
    }

    private void takeOver(UblkControl control) {
        try {
            openQueues(control);
            control.endRecovery(info.id(), Linux.getpid());
            numbers = control.numbers(info.id());
        } catch (RuntimeException failure) {
            if (threads != null) {
                threads.abandon();
            }
            throw failure;
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
        wanted.addAll(UblkFeature.neededBy(path));
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
            noticeDeathSoon();
        } catch (RuntimeException failure) {
            undo(failure);
            throw failure;
        }
    }

    /**
     * Until 6.15 the driver learns of our death from a fetch that is cancelled, and when there is none, because every
     * tag is under way, from the block layer's timeout (ublk_timeout): 30 seconds, unless it is set.
     */
    private void noticeDeathSoon() {
        if (!info.has(UblkFeature.QUIESCE)) {
            UblkNodes.setTimeout(info.id(), NOTICE_MS);
        }
    }

    /** The driver drops what it does not know without a word. */
    private void checkGranted() {
        if (!info.features().containsAll(UblkFeature.neededBy(choice.path()))) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "the driver did not grant " + choice.path().label() + " although it lists the feature");
        }
    }

    private void openQueues(UblkControl control) {
        int device = UblkNodes.openCharacter(info.id(), control.numbers(info.id()));
        try {
            List<QueuePlan> plans = IntStream.range(0, info.queues())
                    .mapToObj(queue -> plan(control, device, queue))
                    .toList();
            threads = QueueThreads.start(syscalls, path(), "ublk" + info.id(), plans);
            backend.queuesOpened();
        } finally {
            Linux.close(device);
        }
    }

    private QueuePlan plan(UblkControl control, int characterDevice, int queue) {
        MemorySegment affinity = Arena.ofAuto().allocate(AFFINITY_BYTES, 8);
        control.queueAffinity(info.id(), queue, affinity);
        QueueMetrics metrics = new QueueMetrics();
        UblkQueueOpener opener = new UblkQueueOpener(
                syscalls, backend, choice.path(), info, maxIoBytes, chains, characterDevice, queue, metrics);
        return new QueuePlan(info.depth(), affinity, metrics, opener);
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

    @Override
    public void resize() {
        if (!info.has(UblkFeature.UPDATE_SIZE)) {
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

    @Override
    public long sizeBytes() {
        try (UblkControl control = new UblkControl(syscalls)) {
            return control.sizeBytes(info.id());
        }
    }

    @Override
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

    /** Even where the driver refuses to quiesce: the end of the rings gives it back what was under way. */
    @Override
    public void handOver() {
        try (UblkControl control = new UblkControl(syscalls)) {
            if (info.has(UblkFeature.QUIESCE) && !control.quiesce(info.id(), QUIESCE_MS)) {
                LOG.info("{} has no idle tag and is not quiesced: it is left as after a crash", path());
            }
        } finally {
            threads.abandon();
            threads.join();
        }
    }

    private void stopUnused(UblkControl control) {
        boolean stopped = info.has(UblkFeature.SAFE_STOP_DEV) ? control.tryStop(info.id()) : stopIfExclusive(control);
        if (!stopped) {
            throw UblkErrors.inUse(path());
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

    private String path() {
        return UblkNodes.block(info.id());
    }

    @Override
    public DeviceFacts facts() {
        return facts(info, numbers, maxIoBytes, choice);
    }

    static DeviceFacts facts(
            DeviceInfo info, UblkControl.DeviceNumbers numbers, int maxIoBytes, DataPathChoice choice) {
        return new DeviceFacts(
                FrontendKind.UBLK,
                info.id(),
                UblkNodes.block(info.id()),
                numbers.diskMajor(),
                numbers.diskMinor(),
                info.queues(),
                info.depth(),
                maxIoBytes,
                info.features().stream().map(UblkFeature::name).toList(),
                choice);
    }

    @Override
    public void hold() {
        threads.hold();
    }

    @Override
    public void resume() {
        threads.resume();
    }

    @Override
    public void onFailure(Consumer<Throwable> listener) {
        threads.onFailure(listener);
    }

    @Override
    public List<QueueMetrics> metrics() {
        return threads.metrics();
    }
}
