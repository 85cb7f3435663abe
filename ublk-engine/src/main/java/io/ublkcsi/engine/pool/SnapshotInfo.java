package io.ublkcsi.engine.pool;

/**
 * A snapshot as it is at one moment; bytes throughout.
 *
 * @param progressPercent 0 to 100 while it is being copied
 * @param failure why it can only be deleted, or empty
 * @param createdMs the point in time that it shows: wall clock, milliseconds since the epoch
 * @param pauseNs how long the volume's I/O was held for it
 */
public record SnapshotInfo(
        String pool,
        String id,
        String sourceVolumeId,
        long sizeBytes,
        long allocatedBytes,
        int logicalBlockBytes,
        VolumeState state,
        int progressPercent,
        String failure,
        long createdMs,
        long pauseNs) {
    /** As another pool shows it. */
    SnapshotInfo inPool(String other) {
        return new SnapshotInfo(
                other,
                id,
                sourceVolumeId,
                sizeBytes,
                allocatedBytes,
                logicalBlockBytes,
                state,
                progressPercent,
                failure,
                createdMs,
                pauseNs);
    }
}
