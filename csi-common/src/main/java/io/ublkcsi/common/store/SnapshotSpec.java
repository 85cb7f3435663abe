package io.ublkcsi.common.store;

/**
 * A snapshot as it is wanted.
 *
 * @param pool of its source volume, in which it lives too
 * @param createdMs when it was asked for; wall clock, milliseconds since the epoch
 */
public record SnapshotSpec(
        String id,
        String name,
        String node,
        int generation,
        boolean deleting,
        String sourceVolumeId,
        String pool,
        long createdMs)
        implements Spec<SnapshotSpec> {

    @Override
    public SnapshotSpec toDelete() {
        return new SnapshotSpec(id, name, node, generation + 1, true, sourceVolumeId, pool, createdMs);
    }
}
