package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Linux;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pool's copies under way: one at a time, on a thread that lives while there are any. Any thread. */
final class Copies implements AutoCloseable {
    private static final long IDLE_S = 10;
    private static final long CLOSE_S = 30;

    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor thread;

    private record Running(ImageCopy copy, Future<?> end) {}

    Copies(String pool) {
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
     * @param source closed when the copy has ended, as is {@code target}
     * @param ended told null, or why it failed, before the copy stops being listed
     */
    void start(String name, int source, int target, long sizeBytes, Consumer<@Nullable RuntimeException> ended) {
        ImageCopy copy = new ImageCopy(source, target, sizeBytes);
        synchronized (running) {
            Future<?> end = thread.submit(() -> {
                @Nullable RuntimeException failure = failureOf(copy);
                Linux.close(target);
                Linux.close(source);
                ended.accept(failure);
                synchronized (running) {
                    running.remove(name);
                }
            });
            running.put(name, new Running(copy, end));
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

    /** Calls every copy off; what they made is copied anew when the pool is opened again. */
    @Override
    public void close() {
        running.values().forEach(each -> each.copy.cancel());
        running.keySet().forEach(name -> await(name, CLOSE_S, TimeUnit.SECONDS));
        thread.shutdown();
    }
}
