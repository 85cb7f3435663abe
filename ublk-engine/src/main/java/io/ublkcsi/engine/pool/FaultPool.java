package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.backend.fault.FaultBackend;
import io.ublkcsi.engine.backend.fault.FaultSpec;
import io.ublkcsi.engine.block.Backend;
import java.util.List;
import java.util.Set;

/**
 * Another pool's volumes on a disk that fails: they are made, kept and deleted there, and whoever opens them through
 * this pool meets the faults. A volume is attached through one of the two at a time.
 */
final class FaultPool implements Pool {
    static final String KIND = "fault";

    private static final String POOL = "pool";
    private static final String FAULTS = "faults";

    private final String name;
    private final FaultSpec faults;
    private final Pool pool;

    private FaultPool(String name, FaultSpec faults, Pool pool) {
        this.name = name;
        this.faults = faults;
        this.pool = pool;
    }

    /** {@code name=...,kind=fault,pool=OTHER,faults="..."}; see {@link FaultSpec#SYNTAX}. */
    static FaultPool of(PoolSpec spec, PoolRegistry before) {
        spec.allowOnly(Set.of(POOL, FAULTS));
        return new FaultPool(spec.name(), FaultSpec.parse(spec.required(FAULTS)), before.pool(spec.required(POOL)));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public PoolInfo info() {
        return pool.info().named(name, KIND);
    }

    @Override
    public Backend openBackend(String volumeId, OpenOptions options) {
        return new FaultBackend(faults, pool.openBackend(volumeId, options));
    }

    @Override
    public VolumeInfo createVolume(VolumeRequest request, VolumeUse origin) {
        return pool.createVolume(request, origin).inPool(name);
    }

    @Override
    public void deleteVolume(String volumeId) {
        pool.deleteVolume(volumeId);
    }

    @Override
    public VolumeInfo volume(String volumeId) {
        return pool.volume(volumeId).inPool(name);
    }

    @Override
    public List<VolumeInfo> volumes() {
        return pool.volumes().stream().map(volume -> volume.inPool(name)).toList();
    }

    @Override
    public DataPresence data(String volumeId) {
        return pool.data(volumeId);
    }

    @Override
    public VolumeInfo growVolume(String volumeId, long sizeBytes) {
        return pool.growVolume(volumeId, sizeBytes).inPool(name);
    }

    @Override
    public VolumeInfo markFormatted(String volumeId, String filesystem) {
        return pool.markFormatted(volumeId, filesystem).inPool(name);
    }

    @Override
    public SnapshotInfo createSnapshot(String snapshotId, String volumeId, VolumeUse use) {
        return pool.createSnapshot(snapshotId, volumeId, use).inPool(name);
    }

    @Override
    public void deleteSnapshot(String snapshotId) {
        pool.deleteSnapshot(snapshotId);
    }

    @Override
    public SnapshotInfo snapshot(String snapshotId) {
        return pool.snapshot(snapshotId).inPool(name);
    }

    @Override
    public List<SnapshotInfo> snapshots() {
        return pool.snapshots().stream().map(snapshot -> snapshot.inPool(name)).toList();
    }

    /** The other pool is the registry's to close. */
    @Override
    public void close() {}
}
