package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BufferPool;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.queue.QueuePlan;
import io.ublkcsi.engine.queue.QueueThreads;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.function.Consumer;

/**
 * Makes the two sides of one queue on its thread.
 *
 * @param characterDevice an open {@code /dev/ublkcN}; the queue's ring holds it on its own afterwards
 * @param queue number of the queue on its device
 */
record UblkQueueOpener(
        UringSyscalls syscalls,
        Backend backend,
        DataPath path,
        DeviceInfo info,
        int maxIoBytes,
        boolean chains,
        int characterDevice,
        int queue,
        QueueMetrics metrics)
        implements QueuePlan.Opener {

    @Override
    public FrontendQueue open(Ring ring, Consumer<BackendQueue> backendSide) {
        if (!info.has(UblkFeature.NO_AUTO_PART_SCAN)) {
            suppressPartitionScan();
        }
        ring.installFile(QueuePlan.DEVICE_SLOT, characterDevice);
        UblkQueueSetup setup = new UblkQueueSetup(
                syscalls,
                ring,
                queue,
                info.depth(),
                maxIoBytes,
                0,
                QueuePlan.DEVICE_SLOT,
                UblkQueueSetup.mapDescriptors(syscalls, characterDevice, queue, info.depth()),
                metrics,
                path == DataPath.ZERO_COPY_BATCH,
                chains);
        return new UblkQueue(
                setup,
                (requests, sink) -> {
                    BackendQueue side =
                            backend.openQueue(new QueueContext(ring, requests, sink, 0, QueuePlan.FILE_SLOT));
                    backendSide.accept(side);
                    return side;
                },
                this::mover);
    }

    /**
     * Without the feature START_DEV reads the partition table with the device's mutex held. An engine that dies in that
     * read can't even end: its START_DEV waits for the next engine, which needs the mutex, and keeps all its files. The
     * driver reads none where a fetching thread lacks CAP_SYS_ADMIN (ublk_mark_io_ready).
     */
    private static void suppressPartitionScan() {
        QueueThreads.giveUpPrivileges();
    }

    private DataMover mover(UblkQueue ublkQueue) {
        if (path.isZeroCopy()) {
            return new ZeroCopy(ublkQueue, path != DataPath.ZERO_COPY_MANUAL);
        }
        int depth = info.depth();
        BufferPool pool = new BufferPool(TransferSize.poolBytes(path, depth, maxIoBytes));
        int fixed = ublkQueue.ring().installBuffer(depth, pool.memory()) == 0 ? depth : Requests.NO_BUFFER;
        return path == DataPath.USER_COPY
                ? new UserCopy(ublkQueue, pool, fixed)
                : new PlainCopy(ublkQueue, pool, fixed);
    }
}
