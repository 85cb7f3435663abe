package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.queue.QueuePlan;
import io.ublkcsi.engine.queue.QueueThreads;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A live TCMU device: one backend's volume as {@code /dev/sdX}. The thread that makes the kernel scan, flush or remove
 * the disk is never the one that serves it, and is left behind when the kernel does not come back.
 */
final class TcmuDevice implements FrontendDevice {
    private static final DataPathChoice DATA_PATH = new DataPathChoice(
            DataPath.PLAIN_COPY, "the kernel's target copies into shared memory, which the backend reads and writes");
    private static final long ENABLE_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long SCAN_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long REMOVE_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long RESCUE_NS = TimeUnit.SECONDS.toNanos(30);

    private final UringSyscalls syscalls;
    private final Backend backend;
    private final TargetTree tree;
    private final TcmuShape shape;
    private final LogicalUnit unit;

    // Set before start() hands the device out.
    @SuppressWarnings("NullAway.Init")
    private DeviceFacts facts;

    @SuppressWarnings("NullAway.Init")
    private ScsiDisk disk;

    @SuppressWarnings("NullAway.Init")
    private QueueThreads threads;

    private int uioNumber;

    private volatile boolean broken;

    private TcmuDevice(UringSyscalls syscalls, TargetTree tree, Backend backend, TcmuShape shape) {
        this.syscalls = syscalls;
        this.backend = backend;
        this.tree = tree;
        this.shape = shape;
        this.unit = new LogicalUnit(backend, tree.identity(), shape.maxIoBytes());
    }

    /**
     * Shows a volume as a disk. When this fails, nothing of it is left.
     *
     * @throws EngineException with the cure
     */
    static TcmuDevice start(UringSyscalls syscalls, TargetTree tree, Backend backend, DeviceOptions options) {
        if (options.dataPath() != null && options.dataPath() != DataPath.PLAIN_COPY) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "TCMU has one data path, plain-copy: leave it to the engine instead of asking for "
                            + options.dataPath().label());
        }
        if (tree.exists()) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "another engine has left or serves a device of volume "
                            + tree.identity().volume() + " (" + tree.uioName()
                            + "): start that engine, or end the device with 'ublk-csi release'");
        }
        TcmuDevice device = new TcmuDevice(syscalls, tree, backend, TcmuShape.of(backend.limits(), options));
        device.startOrUndo();
        return device;
    }

    private void startOrUndo() {
        try {
            tree.create(shape);
            enable();
            serve();
            show();
        } catch (RuntimeException failure) {
            undo(failure);
            throw failure;
        }
    }

    private void enable() {
        KernelCall call = KernelCall.start("making a TCMU device", tree::enable);
        if (!call.await(ENABLE_NS)) {
            throw call.leftBehind("the kernel waits for a daemon of other devices (tcmu-runner?) to agree, although it"
                    + " was told not to: 'ublk-csi doctor' says how to end that");
        }
    }

    /**
     * Serves a device that an engine has left. What that one had not answered is sent again by the SCSI layer. Nothing
     * in the ring is looked at: entries of finished commands may stand there, and what was timed out must not be done
     * after all.
     */
    static TcmuDevice adopt(UringSyscalls syscalls, TargetTree tree, Backend backend) {
        TcmuShape shape = TcmuShape.parse(tree.shape(), backend.limits().sizeBytes());
        if (shape == null || shape.blockBytes() != backend.limits().logicalBytes()) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    tree.uioName() + " was made by another version, or its volume has other blocks now: end it with"
                            + " 'ublk-csi release'");
        }
        TcmuDevice device = new TcmuDevice(syscalls, tree, backend, shape);
        device.takeOver();
        return device;
    }

    private void takeOver() {
        tree.block(true);
        try {
            tree.resetRing(true);
            serve();
        } finally {
            // If this fails, commands wait for whoever comes next.
            tree.block(false);
        }
        try {
            show();
            if (disk.sizeBytes() != backend.limits().sizeBytes()) {
                resize();
            }
        } catch (RuntimeException failure) {
            threads.abandon();
            throw failure;
        }
    }

    /** The server comes before the disk: the kernel asks it questions as soon as there is one. */
    private void serve() {
        UioDevices.Uio uio = UioDevices.find(tree.uioName());
        if (uio == null) {
            throw new EngineException(Kind.INTERNAL, "the kernel made no UIO device " + tree.uioName());
        }
        uioNumber = uio.number();
        UioFile shared = uio.open();
        QueueMetrics metrics = new QueueMetrics();
        QueuePlan plan = new QueuePlan(
                shape.depth(), null, metrics, (ring, backendSide) -> openQueue(ring, shared, metrics, backendSide));
        threads = QueueThreads.start(syscalls, uio.path(), "tcmu" + uio.number(), List.of(plan));
        threads.onFailure(failure -> broken = true);
        backend.queuesOpened();
    }

    private FrontendQueue openQueue(
            Ring ring, UioFile shared, QueueMetrics metrics, Consumer<BackendQueue> backendSide) {
        ring.installFile(QueuePlan.DEVICE_SLOT, shared.descriptor());
        int segments = 1 + shape.maxIoBytes() / Memory.PAGE_BYTES;
        TcmuQueueSetup setup =
                new TcmuQueueSetup(ring, shared, unit, shape.depth(), segments, QueuePlan.DEVICE_SLOT, 0, metrics);
        return new TcmuQueue(setup, (requests, sink) -> {
            BackendQueue side = backend.openQueue(new QueueContext(ring, requests, sink, 0, QueuePlan.FILE_SLOT));
            backendSide.accept(side);
            return side;
        });
    }

    private void show() {
        KernelCall.within(SCAN_NS, "the scan of a new disk", tree::link);
        disk = ScsiDisk.await(tree.address());
        disk.limitDepth(shape.depth());
        facts = facts(uioNumber, disk, shape);
    }

    /**
     * @param disk null: there is none
     */
    static DeviceFacts facts(int uioNumber, @Nullable ScsiDisk disk, TcmuShape shape) {
        return new DeviceFacts(
                FrontendKind.TCMU,
                uioNumber,
                disk == null ? "/dev/uio" + uioNumber : disk.path(),
                disk == null ? 0 : disk.major(),
                disk == null ? 0 : disk.minor(),
                1,
                shape.depth(),
                shape.maxIoBytes(),
                List.of("OUT_OF_ORDER", "READ_LEN"),
                DATA_PATH);
    }

    private void undo(RuntimeException failure) {
        try {
            end();
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
            if (threads != null) {
                threads.abandon();
            }
        }
    }

    @Override
    public DeviceFacts facts() {
        return facts;
    }

    @Override
    public long sizeBytes() {
        return disk.sizeBytes();
    }

    @Override
    public void resize() {
        long bytes = backend.limits().sizeBytes();
        tree.noteSize(bytes);
        KernelCall.within(SCAN_NS, "the new scan of " + disk.path(), disk::rescan);
        if (disk.sizeBytes() != bytes) {
            throw new EngineException(
                    Kind.INTERNAL,
                    disk.path() + " shows " + disk.sizeBytes() + " bytes after it was scanned again, not " + bytes);
        }
    }

    @Override
    public void stop(boolean force) {
        if (!force && disk.isClaimed()) {
            throw inUse(disk.path());
        }
        end();
    }

    static EngineException inUse(String path) {
        return new EngineException(
                Kind.FAILED_PRECONDITION,
                path + " is in use: unmount it and close what has it open (fuser -v " + path
                        + " names them), or detach by force, which fails their I/O");
    }

    private void end() {
        if (broken) {
            tree.rescue();
        }
        end(tree);
        if (threads != null && !broken) {
            threads.join();
        }
    }

    /** When nobody answers the disk's last flush, everything that is sent to it is failed. */
    static void end(TargetTree tree) {
        KernelCall call = KernelCall.start("the removal of a disk", tree::unlink);
        if (!call.await(REMOVE_NS)) {
            tree.rescue();
            if (!call.await(RESCUE_NS)) {
                throw call.leftBehind();
            }
        }
        KernelCall.within(REMOVE_NS, "the removal of a TCMU device", tree::remove);
    }

    /** What is under way stays in the ring; the next engine has it sent again. */
    @Override
    public void handOver() {
        threads.abandon();
        threads.join();
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
        return Objects.requireNonNull(threads).metrics();
    }
}
