package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;

/**
 * What the SCSI disk says of itself: a volume's limits and identity. The size is as of now; the rest does not change
 * while the disk is there. Any thread.
 */
final class LogicalUnit {
    /** Bytes that one UNMAP or WRITE SAME may cover; conformance suites call more than a million blocks insane. */
    static final long MAX_ZEROING_BYTES = 1L << 29;
    /** Descriptors of one UNMAP; its list fits into one page. */
    static final int MAX_UNMAP_DESCRIPTORS = 32;

    static final String VENDOR = "UBLK-CSI";

    private final Backend backend;
    private final UnitIdentity identity;
    private final int maxIoBytes;

    /**
     * @param maxIoBytes the largest read or write, a multiple of the logical block
     */
    LogicalUnit(Backend backend, UnitIdentity identity, int maxIoBytes) {
        this.backend = backend;
        this.identity = identity;
        this.maxIoBytes = maxIoBytes;
    }

    BlockLimits limits() {
        return backend.limits();
    }

    UnitIdentity identity() {
        return identity;
    }

    int blockBytes() {
        return backend.limits().logicalBytes();
    }

    long blocks() {
        BlockLimits limits = backend.limits();
        return limits.sizeBytes() / limits.logicalBytes();
    }

    int maxIoBytes() {
        return maxIoBytes;
    }

    int maxIoBlocks() {
        return maxIoBytes / blockBytes();
    }

    long maxZeroingBlocks() {
        return MAX_ZEROING_BYTES / blockBytes();
    }

    /** Whether block numbers need more room in sense data than its fixed format has. */
    boolean describesSense() {
        return blocks() > 1L << 32;
    }
}
