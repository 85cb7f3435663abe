package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.file.FilePool;
import io.ublkcsi.engine.pool.file.FilePoolOptions;
import java.util.function.Supplier;

/** Every kind of pool that there is. */
final class PoolKinds {
    private PoolKinds() {}

    /**
     * Does what may be done while another engine works with the pool; what is answered opens it.
     *
     * @param before the pools that were opened already
     */
    static Supplier<Pool> prepare(PoolSpec spec, PoolRegistry before) {
        return switch (spec.kind()) {
            case FilePool.KIND -> FilePool.prepare(FilePoolOptions.of(spec));
            case VolatilePool.MEMORY -> () -> VolatilePool.memory(spec);
            case VolatilePool.NONE -> () -> VolatilePool.none(spec);
            case FaultPool.KIND -> () -> FaultPool.of(spec, before);
            default ->
                throw new EngineException(
                        Kind.INVALID_ARGUMENT,
                        "there is no kind of pool '" + spec.kind() + "': use file, memory, none or fault");
        };
    }
}
