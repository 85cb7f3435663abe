package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's pools by name; fixed once the engine runs. Each is opened on a thread of its own, so that one whose disk
 * does not answer holds up what needs it, and nothing else. Any thread.
 */
public final class PoolRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolRegistry.class);
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);

    private final Map<String, CompletableFuture<Pool>> pools = Collections.synchronizedMap(new TreeMap<>());

    /**
     * Opens pools; a fault pool may name one before it. When one cannot be opened, the others are closed again.
     *
     * @throws EngineException why the first of them cannot be opened
     */
    public static PoolRegistry open(Iterable<PoolSpec> specs) {
        PoolRegistry registry = begin(specs, CompletableFuture.completedFuture(null));
        try {
            registry.awaitOpened(Long.MAX_VALUE);
            return registry;
        } catch (RuntimeException failure) {
            registry.close();
            throw failure;
        }
    }

    /**
     * Begins to open pools; {@link #pool} waits for the one that it is asked for.
     *
     * @param turn completed when they are this engine's; until then they are looked at only
     */
    public static PoolRegistry begin(Iterable<PoolSpec> specs, CompletableFuture<Void> turn) {
        PoolRegistry registry = new PoolRegistry();
        try {
            specs.forEach(spec -> registry.begin(spec, turn));
            return registry;
        } catch (EngineException twice) {
            registry.close();
            throw twice;
        }
    }

    private void begin(PoolSpec spec, CompletableFuture<Void> turn) {
        CompletableFuture<Pool> opening = place(spec.name());
        Thread.ofPlatform().name("pool-" + spec.name()).daemon().start(() -> open(spec, turn, opening));
    }

    private void open(PoolSpec spec, CompletableFuture<Void> turn, CompletableFuture<Pool> opening) {
        try {
            Supplier<Pool> prepared = PoolKinds.prepare(spec, this);
            turn.join();
            opening.complete(prepared.get());
        } catch (Throwable failure) {
            opening.completeExceptionally(failure);
        }
    }

    private CompletableFuture<Pool> place(String name) {
        CompletableFuture<Pool> opening = new CompletableFuture<>();
        if (pools.putIfAbsent(name, opening) != null) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT, "there are two pools of the name '" + name + "': give one another name");
        }
        return opening;
    }

    /**
     * Waits until every pool is open.
     *
     * @param patienceNs after which those whose disks have not answered are left to themselves
     * @throws EngineException why one cannot be opened
     */
    public void awaitOpened(long patienceNs) {
        long beganNs = System.nanoTime();
        for (Map.Entry<String, CompletableFuture<Pool>> one : Map.copyOf(pools).entrySet()) {
            long leftNs = Math.max(0, patienceNs - (System.nanoTime() - beganNs));
            if (await(one.getValue(), leftNs) == null) {
                LOG.warn("pool {} is not open yet: its disk does not answer", one.getKey());
            }
        }
    }

    /** Null when it takes longer. */
    private static @Nullable Pool await(CompletableFuture<Pool> opening, long patienceNs) {
        try {
            return opening.get(patienceNs, TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return null;
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException("opening a pool failed", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.ABORTED, "opening a pool was interrupted", interrupted);
        }
    }

    /** Adds a pool, which the registry closes from here on. */
    public void add(Pool pool) {
        try {
            place(pool.name()).complete(pool);
        } catch (EngineException taken) {
            pool.close();
            throw taken;
        }
    }

    /**
     * @throws EngineException NOT_FOUND, with the names that there are; DEADLINE_EXCEEDED while its disk does not
     *     answer; what opening it failed with
     */
    public Pool pool(String name) {
        CompletableFuture<Pool> opening = pools.get(name);
        if (opening == null) {
            throw new EngineException(
                    Kind.NOT_FOUND,
                    "this engine has no pool '" + name + "'; it has " + (pools.isEmpty() ? "none" : names())
                            + ": name one of them, or start the engine with --pool name=" + name + ",...");
        }
        Pool pool = await(opening, PATIENCE_NS);
        if (pool == null) {
            throw new EngineException(
                    Kind.DEADLINE_EXCEEDED, "pool '" + name + "' is not open yet: its disk does not answer");
        }
        return pool;
    }

    /** Those that are open, in order of their names. */
    public Collection<Pool> pools() {
        synchronized (pools) {
            return pools.values().stream()
                    .filter(opening -> opening.isDone() && !opening.isCompletedExceptionally())
                    .map(CompletableFuture::join)
                    .toList();
        }
    }

    private Collection<String> names() {
        synchronized (pools) {
            return List.copyOf(pools.keySet());
        }
    }

    /** For people. */
    @Override
    public String toString() {
        return pools.isEmpty() ? "no pool" : "pools " + String.join(", ", names());
    }

    /** One that is not open yet is closed when it is. */
    @Override
    public void close() {
        synchronized (pools) {
            pools.values().forEach(opening -> opening.thenAccept(Pool::close));
            pools.clear();
        }
    }
}
