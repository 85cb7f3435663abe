package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.PoolSpec;
import java.nio.file.Path;
import java.util.Set;

/**
 * How a file pool is set up.
 *
 * @param path its folder
 * @param minFreeBytes what the pool leaves free on its file system; -1: the larger of 10 % and 10 GiB
 * @param overcommit bytes that may be promised to thin volumes for each that there is; at least 1
 * @param allowBuffered take a file system whose writes go through the page cache
 */
public record FilePoolOptions(String name, Path path, long minFreeBytes, double overcommit, boolean allowBuffered) {
    private static final String PATH = "path";
    private static final String MIN_FREE = "minFree";
    private static final String OVERCOMMIT = "overcommit";
    private static final String ALLOW_BUFFERED = "allowBuffered";
    private static final double MAX_OVERCOMMIT = 1000;

    /** Reads {@code name=...,kind=file,path=...[,minFree=10Gi][,overcommit=1.5][,allowBuffered]}. */
    public static FilePoolOptions of(PoolSpec spec) {
        spec.allowOnly(Set.of(PATH, MIN_FREE, OVERCOMMIT, ALLOW_BUFFERED));
        return new FilePoolOptions(
                spec.name(),
                Path.of(spec.required(PATH)).toAbsolutePath(),
                spec.bytes(MIN_FREE, -1),
                overcommit(spec.get(OVERCOMMIT, "1")),
                spec.isSet(ALLOW_BUFFERED));
    }

    private static double overcommit(String text) {
        try {
            double ratio = Double.parseDouble(text);
            if (ratio >= 1 && ratio <= MAX_OVERCOMMIT) {
                return ratio;
            }
        } catch (NumberFormatException malformed) {
            // told below
        }
        throw new EngineException(
                Kind.INVALID_ARGUMENT, "overcommit '" + text + "' is not a ratio of 1 (promise what is there) to 1000");
    }
}
