package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.backend.file.FileBackend;
import io.ublkcsi.engine.backend.file.FileImage;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.BufferPool;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.SectorModel;
import io.ublkcsi.engine.queue.QueueAgent;
import io.ublkcsi.engine.queue.QueuePlan;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.SimulatedDisk;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * The engine's own queue code between a simulated ublk device and a simulated disk: {@link QueueAgent}, {@link
 * UblkQueue}, a data path and the file backend, over a simulated kernel. All on the caller's thread.
 */
final class QueueSimulation implements AutoCloseable {
    static final int DEPTH = 128;
    static final int MAX_IO_BYTES = 1 << 16;
    private static final int QUEUE = 3;
    private static final int SECTORS = 8192;
    private static final int SECTOR_BYTES = 512;
    private static final int REGISTRATION_FAILURES = 20;

    private final long seed;
    private final DataPath path;
    private final SimulatedUring kernel;
    private final SimulatedDisk disk;
    private final SimulatedUblk device;
    private final SimulatedUsers users;
    private final SectorModel model = new SectorModel(SECTORS);
    private final QueueMetrics metrics = new QueueMetrics();
    private final Backend backend;
    private final int deviceDescriptor;
    private final int diskDescriptor;
    private boolean chains = true;

    QueueSimulation(long seed, DataPath path, SimulatedFaults faults, RequestMix mix, long count) {
        this.seed = seed;
        this.path = path;
        this.kernel = new SimulatedUring(seed, faults);
        this.disk = new SimulatedDisk(kernel, (long) SECTORS * SECTOR_BYTES, SECTOR_BYTES);
        this.device = new SimulatedUblk(kernel, path, QUEUE, DEPTH, MAX_IO_BYTES, REGISTRATION_FAILURES);
        this.users = new SimulatedUsers(device, ~seed, mix, DEPTH, model, count);
        this.diskDescriptor = kernel.addFile(disk);
        this.deviceDescriptor = kernel.addFile(device);
        this.backend = new FileBackend(
                new FileImage(diskDescriptor, false, () -> null), BlockLimits.memory(disk.sizeBytes(), SECTOR_BYTES));
        device.users(users);
        kernel.addActor(device);
        kernel.addActor(users);
    }

    /** Before {@link #run}: a kernel that reads the commands of a chain late, and what the engine does about it. */
    void onOldKernel() {
        kernel.readCommandsLate();
        chains = false;
    }

    SimulatedUring kernel() {
        return kernel;
    }

    SimulatedDisk disk() {
        return disk;
    }

    SimulatedUblk device() {
        return device;
    }

    SimulatedUsers users() {
        return users;
    }

    SectorModel model() {
        return model;
    }

    QueueMetrics metrics() {
        return metrics;
    }

    /** Serves until the device is stopped; a failure names the seed. */
    void run() {
        QueueAgent agent = new QueueAgent(kernel, new QueuePlan(DEPTH, null, metrics, this::open));
        agent.run();
        try {
            agent.ended().join();
        } catch (CompletionException e) {
            throw new AssertionError(SeededRandom.replay(seed) + ", " + path + ": " + e.getCause(), e.getCause());
        }
    }

    private FrontendQueue open(Ring ring, Consumer<BackendQueue> backendSide) {
        ring.installFile(QueuePlan.DEVICE_SLOT, deviceDescriptor);
        UblkQueueSetup setup = new UblkQueueSetup(
                kernel,
                ring,
                QUEUE,
                DEPTH,
                MAX_IO_BYTES,
                0,
                QueuePlan.DEVICE_SLOT,
                UblkQueueSetup.mapDescriptors(kernel, deviceDescriptor, QUEUE, DEPTH),
                metrics,
                path == DataPath.ZERO_COPY_BATCH,
                chains);
        kernel.close(deviceDescriptor);
        return new UblkQueue(
                setup,
                (requests, sink) -> {
                    BackendQueue queue =
                            backend.openQueue(new QueueContext(ring, requests, sink, 0, QueuePlan.FILE_SLOT));
                    kernel.close(diskDescriptor);
                    backendSide.accept(queue);
                    return queue;
                },
                this::mover);
    }

    private DataMover mover(UblkQueue queue) {
        if (path.isZeroCopy()) {
            return new ZeroCopy(queue, path != DataPath.ZERO_COPY_MANUAL);
        }
        BufferPool pool = new BufferPool(TransferSize.poolBytes(path, DEPTH, MAX_IO_BYTES));
        int fixed = queue.ring().installBuffer(DEPTH, pool.memory()) == 0 ? DEPTH : Requests.NO_BUFFER;
        return path == DataPath.USER_COPY ? new UserCopy(queue, pool, fixed) : new PlainCopy(queue, pool, fixed);
    }

    @Override
    public void close() {
        kernel.close();
    }
}
