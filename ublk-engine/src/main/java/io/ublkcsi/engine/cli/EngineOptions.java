package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.PoolSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What an engine is started with.
 *
 * @param metricsAddress {@code HOST:PORT}, or {@code none}
 * @param standby wait for the state directory when another engine works with it
 * @param holdNs how long I/O waits for a device that cannot be served before it fails; 0: for ever
 * @param ending what becomes of the devices when the engine is told to end
 * @param lockMemory keep the process's memory from being written out
 */
record EngineOptions(
        Path socket,
        Path stateDirectory,
        List<PoolSpec> pools,
        String metricsAddress,
        boolean standby,
        long holdNs,
        Ending ending,
        boolean lockMemory) {}
