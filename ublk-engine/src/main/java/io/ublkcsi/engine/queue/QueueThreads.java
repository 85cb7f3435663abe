package io.ublkcsi.engine.queue;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.ThreadCapabilities;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of one device's queues: started, held, resumed and joined together. Called by control threads. */
public final class QueueThreads {
    private static final Logger LOG = LoggerFactory.getLogger(QueueThreads.class);
    private static final long START_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long JOIN_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long HOLD_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long STACK_BYTES = 256 * 1024;

    private final String device;
    private final List<QueueAgent> agents = new ArrayList<>();

    private QueueThreads(String device) {
        this.device = device;
    }

    /**
     * Starts a thread a queue, named {@code PREFIX-qN}, and waits until all have asked the kernel for requests.
     *
     * @param device for messages, such as {@code /dev/ublkb0}
     */
    public static QueueThreads start(
            UringSyscalls syscalls, String device, String threadPrefix, List<QueuePlan> plans) {
        QueueThreads threads = new QueueThreads(device);
        try {
            for (QueuePlan plan : plans) {
                threads.start(new QueueAgent(syscalls, plan), threadPrefix + "-q" + threads.agents.size());
            }
            threads.all(QueueAgent::started, START_NS, "starting");
            return threads;
        } catch (RuntimeException failure) {
            threads.abandon();
            throw failure;
        }
    }

    /**
     * For the calling thread, a queue's: it needs no rights beyond its open files, but for the one without which a
     * process that locks its memory can't map more. They do not come back.
     */
    public static void giveUpPrivileges() {
        int failed = ThreadCapabilities.keepOnly(ThreadCapabilities.CAP_IPC_LOCK);
        if (failed < 0) {
            LOG.warn("a queue's thread keeps its capabilities: {}", Errno.name(failed));
        }
    }

    private void start(QueueAgent agent, String name) {
        agents.add(agent);
        Thread thread = new Thread(null, agent, name, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
    }

    public List<QueueMetrics> metrics() {
        return agents.stream().map(QueueAgent::metrics).toList();
    }

    /** No queue hands a new request to the backend when this returns; undone by {@link #resume}. */
    public void hold() {
        all(QueueAgent::hold, HOLD_NS, "holding");
    }

    public void resume() {
        all(QueueAgent::resume, HOLD_NS, "resuming");
    }

    /** Runs control work on the thread of one queue; does not wait. */
    public CompletableFuture<Void> execute(int queue, Runnable work) {
        return agents.get(queue).execute(work);
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
    public void abandon() {
        agents.forEach(QueueAgent::abandon);
    }

    /** Waits until every thread has let go of the device and the image. */
    public void join() {
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
