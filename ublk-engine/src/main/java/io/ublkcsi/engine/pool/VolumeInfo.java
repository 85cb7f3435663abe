package io.ublkcsi.engine.pool;

import org.jspecify.annotations.Nullable;

/**
 * A volume as it is at one moment; bytes throughout.
 *
 * @param origin null when it was made empty
 * @param progressPercent 0 to 100 while it is being made
 * @param formattedAs the file system that was made on it; empty: none so far
 * @param reason why it failed, or empty
 * @param createdMs wall clock, milliseconds since the epoch
 */
public record VolumeInfo(
        String pool,
        String id,
        long sizeBytes,
        long allocatedBytes,
        Provisioning provisioning,
        int logicalBlockBytes,
        @Nullable Origin origin,
        VolumeState state,
        int progressPercent,
        String formattedAs,
        String reason,
        long createdMs) {

    public boolean isFormatted() {
        return !formattedAs.isEmpty();
    }

    /** As another pool shows it. */
    VolumeInfo inPool(String other) {
        return copy(other, formattedAs);
    }

    VolumeInfo formatted(String filesystem) {
        return copy(pool, filesystem);
    }

    private VolumeInfo copy(String inPool, String filesystem) {
        return new VolumeInfo(
                inPool,
                id,
                sizeBytes,
                allocatedBytes,
                provisioning,
                logicalBlockBytes,
                origin,
                state,
                progressPercent,
                filesystem,
                reason,
                createdMs);
    }
}
