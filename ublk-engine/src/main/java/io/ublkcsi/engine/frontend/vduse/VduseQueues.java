package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.queue.QueuePlan;
import io.ublkcsi.engine.queue.QueueThreads;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device's queues, their threads and their kicks. What the driver wants of them comes from the message thread and is
 * brought to the queues' own.
 */
final class VduseQueues implements VduseMessages.Driver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VduseQueues.class);

    /** A third of the kernel's default msg_timeout. */
    private static final long ANSWER_NS = TimeUnit.SECONDS.toNanos(10);

    private final VduseFile file;
    private final long offered;
    private final Consumer<Throwable> broken;
    private final List<Integer> kicks = new ArrayList<>();
    private final List<VduseQueue> queues = new CopyOnWriteArrayList<>();
    private final QueueThreads threads;

    /**
     * Starts the threads; the queues wait for a driver.
     *
     * @param offered features of the device
     * @param name of the device, for threads and messages
     * @param broken told when a queue can't be served
     */
    VduseQueues(
            UringSyscalls syscalls,
            VduseFile file,
            String name,
            Backend backend,
            long offered,
            InflightFile log,
            MemorySegment serial,
            Consumer<Throwable> broken) {
        this.file = file;
        this.broken = broken;
        this.offered = offered;
        List<QueuePlan> plans = new ArrayList<>();
        for (int queue = 0; queue < log.queues(); queue++) {
            int index = queue;
            int kick = eventFd();
            kicks.add(kick);
            QueueMetrics metrics = new QueueMetrics();
            plans.add(new QueuePlan(log.depth(), null, metrics, (ring, side) -> {
                // What reads a driver's rings is to have no rights.
                QueueThreads.giveUpPrivileges();
                ring.installFile(QueuePlan.DEVICE_SLOT, kick);
                VduseQueueSetup setup = new VduseQueueSetup(
                        ring,
                        index,
                        log.depth(),
                        0,
                        QueuePlan.DEVICE_SLOT,
                        backend.limits().logicalBytes(),
                        serial,
                        log.queue(index),
                        metrics,
                        new DevicePort(file, index));
                return open(setup, backend, ring, side);
            }));
        }
        threads = QueueThreads.start(syscalls, name, "vduse", plans);
        queues.sort(Comparator.comparingInt(VduseQueue::index));
    }

    private FrontendQueue open(VduseQueueSetup setup, Backend backend, Ring ring, Consumer<BackendQueue> backendSide) {
        VduseQueue queue = new VduseQueue(setup, (requests, sink) -> {
            BackendQueue side = backend.openQueue(new QueueContext(ring, requests, sink, 0, QueuePlan.FILE_SLOT));
            backendSide.accept(side);
            return side;
        });
        queues.add(queue);
        return queue;
    }

    private static int eventFd() {
        int fd = Linux.eventfd(Linux.EFD_CLOEXEC);
        if (fd < 0) {
            throw new RingException("eventfd", fd);
        }
        return fd;
    }

    /** One queue's ways to the kernel. */
    private static final class DevicePort implements VduseQueueSetup.Port {
        private final VduseFile file;
        private final MemorySegment index = Arena.ofAuto().allocate(Integer.BYTES, Integer.BYTES);

        DevicePort(VduseFile file, int queue) {
            this.file = file;
            index.set(Memory.INT, 0, queue);
        }

        /** Refused while the driver goes (EINVAL) or when the device is broken (EPERM): then nobody waits for it. */
        @Override
        public void interrupt() {
            Linux.ioctl(file.fd(), VduseIoctl.VQ_INJECT_IRQ, index.address());
        }

        @Override
        public Iotlb.@Nullable Region map(long iova) {
            return file.map(iova);
        }
    }

    QueueThreads threads() {
        return threads;
    }

    // ---- on the message thread

    @Override
    public boolean onStatus(int status) {
        if (status == 0) {
            disconnect();
            return true;
        }
        if ((status & VirtioStatus.DRIVER_OK) != 0) {
            connect(false);
            return true;
        }
        return (status & VirtioStatus.FEATURES_OK) == 0 || isAcceptable(file.features());
    }

    private boolean isAcceptable(long features) {
        boolean fine = VirtioFeature.isAcceptable(features, offered);
        if (!fine) {
            LOG.warn(
                    "the driver wants features {} of {}: refused",
                    Long.toHexString(features),
                    Long.toHexString(offered));
        }
        return fine;
    }

    /**
     * Has every queue that the driver has set up serve it.
     *
     * @param recovering it was served by a predecessor of ours, who died
     */
    void connect(boolean recovering) {
        long features = file.features();
        for (int index = 0; index < queues.size(); index++) {
            VqInfo info = file.queue(index);
            if (info != null && info.ready()) {
                VduseQueue queue = queues.get(index);
                file.kickTo(index, kicks.get(index));
                threads.execute(index, () -> queue.connect(info, features, recovering))
                        .whenComplete((nothing, failure) -> onConnected(queue, failure));
            }
        }
    }

    private void onConnected(VduseQueue queue, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.error("queue {} cannot be served", queue.index(), failure);
            broken.accept(failure);
        }
    }

    private void disconnect() {
        onAll("letting go of the driver's memory", queue -> {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            threads.execute(queue.index(), () -> queue.disconnect().thenRun(() -> gone.complete(null)))
                    .whenComplete((nothing, ended) -> {
                        if (ended != null) {
                            gone.completeExceptionally(ended);
                        }
                    });
            return gone;
        });
    }

    @Override
    public void forget(long first, long last) {
        onAll("giving up memory", queue -> threads.execute(queue.index(), () -> queue.forget(first, last)));
    }

    /** What takes too long goes on by itself: the answer must not wait for it. */
    private void onAll(String what, Function<VduseQueue, CompletableFuture<Void>> work) {
        CompletableFuture<?>[] each = queues.stream().map(work).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(each).get(ANSWER_NS, TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            LOG.warn("{} takes longer than the driver may wait: is the backend stuck?", what);
        } catch (ExecutionException ended) {
            LOG.warn("{} met a queue that has ended: {}", what, ended.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public int queueState(int queue) {
        return queues.get(queue).lastAvailable();
    }

    // ---- end

    /** Ends the queues once nothing is in flight. */
    void end() {
        for (VduseQueue queue : queues) {
            threads.execute(queue.index(), queue::end);
        }
        threads.join();
    }

    /** After the threads have ended, or were told to. */
    @Override
    public void close() {
        kicks.forEach(Linux::close);
    }
}
