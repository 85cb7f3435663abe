package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** The engine's pools by name; fixed once the engine runs. */
public final class PoolRegistry implements AutoCloseable {
    private final Map<String, Pool> pools = new TreeMap<>();

    /**
     * Opens pools in the order given, so that a fault pool can name one before it. When one cannot be opened, those
     * before it are closed again.
     */
    public static PoolRegistry open(Iterable<PoolSpec> specs) {
        PoolRegistry registry = new PoolRegistry();
        try {
            for (PoolSpec spec : specs) {
                registry.add(PoolKinds.open(spec, registry));
            }
        } catch (RuntimeException failure) {
            registry.close();
            throw failure;
        }
        return registry;
    }

    /** Adds a pool, which the registry closes from here on. */
    public void add(Pool pool) {
        if (pools.putIfAbsent(pool.name(), pool) != null) {
            pool.close();
            throw new EngineException(
                    Kind.INVALID_ARGUMENT,
                    "there are two pools of the name '" + pool.name() + "': give one another name");
        }
    }

    /**
     * @throws EngineException NOT_FOUND, with the names that there are
     */
    public Pool pool(String name) {
        Pool pool = pools.get(name);
        if (pool == null) {
            throw new EngineException(
                    Kind.NOT_FOUND,
                    "this engine has no pool '" + name + "'; it has " + (pools.isEmpty() ? "none" : pools.keySet())
                            + ": name one of them, or start the engine with --pool name=" + name + ",...");
        }
        return pool;
    }

    /** In order of their names. */
    public Collection<Pool> pools() {
        return pools.values();
    }

    /** For people. */
    @Override
    public String toString() {
        return pools.isEmpty() ? "no pool" : "pools " + String.join(", ", pools.keySet());
    }

    @Override
    public void close() {
        pools.values().forEach(Pool::close);
        pools.clear();
    }
}
