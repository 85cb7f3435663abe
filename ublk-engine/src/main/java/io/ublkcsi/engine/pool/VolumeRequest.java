package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Memory;
import org.jspecify.annotations.Nullable;

/**
 * What a new volume shall be.
 *
 * @param sizeBytes 0 with an origin: the origin's size
 * @param logicalBlockBytes 0: 512, or what the pool can do if that is more
 * @param origin null: empty
 */
public record VolumeRequest(
        String id,
        long sizeBytes,
        Provisioning provisioning,
        int logicalBlockBytes,
        @Nullable Origin origin) {

    public VolumeRequest {
        VolumeIds.check("volume id", id);
        if (sizeBytes < 0 || sizeBytes == 0 && origin == null) {
            throw invalid("the size of volume " + id + " must be more than 0 bytes, not " + sizeBytes);
        }
        boolean block = Integer.bitCount(logicalBlockBytes) == 1
                && logicalBlockBytes >= BlockLimits.MIN_BLOCK_BYTES
                && logicalBlockBytes <= Memory.PAGE_BYTES;
        if (logicalBlockBytes != 0 && !block) {
            throw invalid("the logical block must be a power of two from 512 to " + Memory.PAGE_BYTES + " bytes, not "
                    + logicalBlockBytes);
        }
        if (origin != null) {
            VolumeIds.check("source id", origin.id());
        }
    }

    private static EngineException invalid(String message) {
        return new EngineException(Kind.INVALID_ARGUMENT, message);
    }
}
