package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Memory;
import org.jspecify.annotations.Nullable;

/**
 * What an attach asks of the frontend. 0 stands for the default throughout.
 *
 * @param frontend asked for, or null for the first that works on this node
 * @param dataPath forced, or null for the fastest that the kernel and the backend allow
 * @param maxIoBytes largest request
 * @param failIo fail I/O while nobody serves, instead of holding it
 */
public record DeviceOptions(
        @Nullable FrontendKind frontend,
        @Nullable DataPath dataPath,
        int queues,
        int depth,
        int maxIoBytes,
        boolean failIo) {
    /** Nothing in particular. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(null, null, 0, 0, 0, false);

    public static final int DEFAULT_QUEUES = 1;
    public static final int DEFAULT_DEPTH = 128;
    /** {@code UBLK_MAX_QUEUE_DEPTH}. */
    public static final int MAX_DEPTH = 4096;
    /** {@code UBLK_IO_BUF_BITS}: 32 MiB. */
    public static final int MAX_IO_BYTES = 1 << 25;

    public DeviceOptions {
        if (queues < 0 || queues > Runtime.getRuntime().availableProcessors()) {
            throw invalid("queues must be 1 to the number of CPUs, "
                    + Runtime.getRuntime().availableProcessors() + ", not " + queues);
        }
        if (depth < 0 || depth > MAX_DEPTH) {
            throw invalid("depth must be 1 to " + MAX_DEPTH + " tags a queue, not " + depth);
        }
        boolean powerOfTwo = Integer.bitCount(maxIoBytes) == 1;
        if (maxIoBytes != 0 && (!powerOfTwo || maxIoBytes < Memory.PAGE_BYTES || maxIoBytes > MAX_IO_BYTES)) {
            throw invalid("the largest request must be a power of two from " + Memory.PAGE_BYTES + " to " + MAX_IO_BYTES
                    + " bytes, not " + maxIoBytes);
        }
        queues = queues == 0 ? DEFAULT_QUEUES : queues;
        depth = depth == 0 ? DEFAULT_DEPTH : depth;
    }

    /** The same, with {@code chosen} where no frontend was asked for. */
    public DeviceOptions on(FrontendKind chosen) {
        return new DeviceOptions(frontend == null ? chosen : frontend, dataPath, queues, depth, maxIoBytes, failIo);
    }

    private static EngineException invalid(String message) {
        return new EngineException(Kind.INVALID_ARGUMENT, message);
    }
}
