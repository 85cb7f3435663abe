package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.PoolSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What an engine is started with.
 *
 * @param metricsAddress {@code HOST:PORT}, or {@code none}
 * @param detachAtEnd end every device when the engine is told to end, instead of leaving it to the next engine
 * @param lockMemory keep the process's memory from being written out
 */
record EngineOptions(
        Path socket,
        Path stateDirectory,
        List<PoolSpec> pools,
        String metricsAddress,
        boolean detachAtEnd,
        boolean lockMemory) {}
