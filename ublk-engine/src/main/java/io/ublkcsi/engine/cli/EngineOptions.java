package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.PoolSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What an engine is started with.
 *
 * @param metricsAddress {@code HOST:PORT}, or {@code none}
 */
record EngineOptions(Path socket, Path stateDirectory, List<PoolSpec> pools, String metricsAddress) {}
