package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BufferPool;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.queue.QueueAgent;
import io.ublkcsi.engine.queue.QueuePlan;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/** The threads of one device's queues: started, held, resumed and joined together. Called by control threads. */
public final class QueueThreads {
    private static final long START_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long JOIN_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long HOLD_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long STACK_BYTES = 256 * 1024;
    private static final int AFFINITY_BYTES = 128;

    private final String device;
    private final List<QueueAgent> agents = new ArrayList<>();

    private QueueThreads(String device) {
        this.device = device;
    }

    /**
     * Starts a thread a queue and waits until all have fetched.
     *
     * @param characterDevice an open {@code /dev/ublkcN}; the queues hold it on their own afterwards
     */
    static QueueThreads start(UringSyscalls syscalls, UblkDevice device, UblkControl control, int characterDevice) {
        QueueThreads threads = new QueueThreads(device.path());
        try {
            for (int queue = 0; queue < device.info().queues(); queue++) {
                threads.start(syscalls, device, control, characterDevice, queue);
            }
            threads.all(QueueAgent::started, START_NS, "starting");
            return threads;
        } catch (RuntimeException failure) {
            threads.abandon();
            throw failure;
        }
    }

    private void start(UringSyscalls syscalls, UblkDevice device, UblkControl control, int characterDevice, int queue) {
        MemorySegment affinity = Arena.ofAuto().allocate(AFFINITY_BYTES, 8);
        control.queueAffinity(device.id(), queue, affinity);
        QueueMetrics metrics = new QueueMetrics();
        QueueOpener opener = new QueueOpener(syscalls, device, characterDevice, queue, metrics);
        QueuePlan plan = new QueuePlan(device.info().depth(), affinity, metrics, opener);
        QueueAgent agent = new QueueAgent(syscalls, plan);
        agents.add(agent);
        String name = "ublk" + device.id() + "-q" + queue;
        Thread thread = new Thread(null, agent, name, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
    }

    /** Makes the two sides of one queue on its thread. */
    private record QueueOpener(
            UringSyscalls syscalls, UblkDevice device, int characterDevice, int queue, QueueMetrics metrics)
            implements QueuePlan.Opener {

        @Override
        public FrontendQueue open(Ring ring, Consumer<BackendQueue> backendSide) {
            ring.installFile(QueuePlan.DEVICE_SLOT, characterDevice);
            int depth = device.info().depth();
            UblkQueueSetup setup = new UblkQueueSetup(
                    syscalls,
                    ring,
                    queue,
                    depth,
                    device.maxIoBytes(),
                    0,
                    QueuePlan.DEVICE_SLOT,
                    UblkQueueSetup.mapDescriptors(syscalls, characterDevice, queue, depth),
                    metrics,
                    device.chains());
            return new UblkQueue(
                    setup,
                    (requests, sink) -> {
                        BackendQueue backend = device.backend()
                                .openQueue(new QueueContext(ring, requests, sink, 0, QueuePlan.FILE_SLOT));
                        backendSide.accept(backend);
                        return backend;
                    },
                    this::mover);
        }

        private DataMover mover(UblkQueue ublkQueue) {
            DataPath path = device.dataPath().path();
            if (path.isZeroCopy()) {
                return new ZeroCopy(ublkQueue, path == DataPath.ZERO_COPY_AUTO);
            }
            int depth = ublkQueue.setup().depth();
            BufferPool pool = new BufferPool(TransferSize.poolBytes(path, depth, device.maxIoBytes()));
            int fixed = ublkQueue.ring().installBuffer(depth, pool.memory()) == 0 ? depth : Requests.NO_BUFFER;
            return path == DataPath.USER_COPY
                    ? new UserCopy(ublkQueue, pool, fixed)
                    : new PlainCopy(ublkQueue, pool, fixed);
        }
    }

    List<QueueMetrics> metrics() {
        return agents.stream().map(QueueAgent::metrics).toList();
    }

    /** No queue hands a new request to the backend when this returns; undone by {@link #resume}. */
    public void hold() {
        all(QueueAgent::hold, HOLD_NS, "holding");
    }

    public void resume() {
        all(QueueAgent::resume, HOLD_NS, "resuming");
    }

    /** Has {@code listener} told when a queue ends by a fault of ours, on that queue's thread. */
    public void onFailure(Consumer<Throwable> listener) {
        agents.forEach(agent -> agent.ended().whenComplete((nothing, failure) -> {
            if (failure != null) {
                listener.accept(failure);
            }
        }));
    }

    /** Tells every thread to end, with requests in flight or not; does not wait. */
    void abandon() {
        agents.forEach(QueueAgent::abandon);
    }

    /** Waits until every thread has let go of the device and the image. */
    void join() {
        all(QueueAgent::ended, JOIN_NS, "ending");
    }

    private void all(Function<QueueAgent, CompletableFuture<Void>> what, long timeoutNs, String verb) {
        CompletableFuture<?>[] each = agents.stream().map(what).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(each).get(timeoutNs, TimeUnit.NANOSECONDS);
        } catch (ExecutionException failure) {
            throw cause(failure, verb);
        } catch (TimeoutException late) {
            throw new EngineException(
                    Kind.DEADLINE_EXCEEDED,
                    verb + " the queues of " + device + " took too long: is its backend stuck?",
                    late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new EngineException(
                    Kind.ABORTED, verb + " the queues of " + device + " was interrupted", interrupted);
        }
    }

    private RuntimeException cause(ExecutionException failure, String verb) {
        Throwable cause = Objects.requireNonNullElse(failure.getCause(), failure);
        return cause instanceof EngineException known
                ? known
                : new EngineException(
                        Kind.INTERNAL, verb + " the queues of " + device + " failed: " + cause.getMessage(), cause);
    }
}
