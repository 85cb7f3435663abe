package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.sys.Memory;

/** How large a request may be, and how much memory a queue's copies may take: bounded, whatever the depth. */
final class TransferSize {
    static final int DEFAULT_COPY_BYTES = 1 << 19;
    static final int DEFAULT_ZERO_COPY_BYTES = 1 << 20;
    /** All of a queue's plain-copy buffers together. */
    static final long PLAIN_COPY_BUDGET_BYTES = 1L << 24;
    /** Large user-copy requests that can be under way at once. */
    private static final int LARGE_RUNS = 4;

    private static final int POOL_UNIT_PAGES = 64;

    private TransferSize() {}

    static int choose(DataPath path, DeviceOptions options, BlockLimits limits) {
        int wanted = options.maxIoBytes();
        if (wanted == 0) {
            wanted = path.isZeroCopy() ? DEFAULT_ZERO_COPY_BYTES : DEFAULT_COPY_BYTES;
        }
        if (limits.maxTransferBytes() != 0) {
            wanted = Math.min(wanted, Integer.highestOneBit(limits.maxTransferBytes()));
        }
        if (path == DataPath.PLAIN_COPY) {
            wanted = (int) Math.min(wanted, Long.highestOneBit(PLAIN_COPY_BUDGET_BYTES / options.depth()));
        }
        if (wanted < Memory.PAGE_BYTES) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT,
                    "a depth of " + options.depth() + " leaves less than a page a tag for plain copy: take a depth of "
                            + PLAIN_COPY_BUDGET_BYTES / Memory.PAGE_BYTES + " or less, or another data path");
        }
        return wanted;
    }

    /** Bytes of a queue's buffer pool; 0 for zero copy. */
    static long poolBytes(DataPath path, int depth, int maxIoBytes) {
        long unit = (long) POOL_UNIT_PAGES * Memory.PAGE_BYTES;
        return switch (path) {
            case PLAIN_COPY -> Memory.roundUp((long) depth * maxIoBytes, unit);
            case USER_COPY ->
                Memory.roundUp((long) depth * Memory.PAGE_BYTES, Math.max(unit, maxIoBytes))
                        + (long) LARGE_RUNS * Math.max(unit, maxIoBytes);
            default -> 0;
        };
    }
}
