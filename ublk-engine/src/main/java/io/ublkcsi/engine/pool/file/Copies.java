package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A pool's copies under way. Those that nobody waits for run one at a time, on a thread that lives while there are any;
 * those of volumes in use have a thread each, because writers may wait for any of them. Any thread.
 */
final class Copies implements AutoCloseable {
    private static final long IDLE_S = 10;
    private static final long CLOSE_S = 30;

    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final String pool;
    private final ThreadPoolExecutor thread;

    private record Running(ImageCopy copy, Future<?> end) {}

    Copies(String pool) {
        this.pool = pool;
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_S,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("copy-" + pool).daemon().factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * Starts a copy.
     *
     * @param name of the image that it makes
     * @param copy closed when it has ended
     * @param urgent whether somebody may wait for it
     * @param ended told null, or why it failed, before the copy stops being listed
     */
    void start(String name, ImageCopy copy, boolean urgent, Consumer<@Nullable RuntimeException> ended) {
        FutureTask<?> task = new FutureTask<>(() -> run(name, copy, ended), null);
        synchronized (running) {
            running.put(name, new Running(copy, task));
        }
        if (urgent) {
            Thread.ofPlatform().name("copy-" + pool + "-" + name).daemon().start(task);
        } else {
            thread.execute(task);
        }
    }

    private void run(String name, ImageCopy copy, Consumer<@Nullable RuntimeException> ended) {
        @Nullable RuntimeException failure = failureOf(copy);
        copy.close();
        ended.accept(failure);
        synchronized (running) {
            running.remove(name);
        }
    }

    private static @Nullable RuntimeException failureOf(ImageCopy copy) {
        try {
            copy.run();
            return null;
        } catch (RuntimeException failure) {
            return failure;
        } catch (OutOfMemoryError refused) {
            return new EngineException(Kind.RESOURCE_EXHAUSTED, String.valueOf(refused.getMessage()), refused);
        } catch (Error fault) {
            // Whoever waits for the copy has to hear of it all the same.
            return new EngineException(Kind.INTERNAL, "a fault of the engine: " + fault, fault);
        }
    }

    /** 0 to 100; 0 also when there is no such copy. */
    int progressPercent(String name) {
        Running found = running.get(name);
        return found == null ? 0 : found.copy.progressPercent();
    }

    /** Waits for a copy's end, if there is such a copy, for so long at most. */
    void await(String name, long timeout, TimeUnit unit) {
        Running found = running.get(name);
        if (found == null) {
            return;
        }
        try {
            found.end.get(timeout, unit);
        } catch (TimeoutException | CancellationException goesOn) {
            return;
        } catch (ExecutionException fault) {
            throw new IllegalStateException("a copy ended by a fault of ours", fault.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Calls a copy off and waits until it is over. */
    void cancel(String name) {
        Running found = running.get(name);
        if (found != null) {
            found.copy.cancel();
            await(name, CLOSE_S, TimeUnit.SECONDS);
        }
    }

    /** Calls every copy off; they go on when the pool is opened again. */
    @Override
    public void close() {
        running.values().forEach(each -> each.copy.cancel());
        running.keySet().forEach(name -> await(name, CLOSE_S, TimeUnit.SECONDS));
        thread.shutdown();
    }
}
