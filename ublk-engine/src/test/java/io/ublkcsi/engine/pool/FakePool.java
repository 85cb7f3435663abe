package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A pool of records without bytes. */
public final class FakePool implements Pool {
    private List<HeldVolume> held = List.of();
    private final String name;
    private final Map<String, VolumeInfo> volumes = new TreeMap<>();
    private final Map<String, SnapshotInfo> snapshots = new TreeMap<>();

    public FakePool(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return "fake";
    }

    /** What {@link #held()} answers from now on. */
    public void hold(HeldVolume... volumes) {
        held = List.of(volumes);
    }

    @Override
    public List<HeldVolume> held() {
        return held;
    }

    @Override
    public PoolInfo info() {
        return new PoolInfo(name, kind(), 1000, 800, 50, 700, 100, 512, false, 512, 4096, "", "none");
    }

    @Override
    public Backend openBackend(String volumeId, OpenOptions options) {
        throw new EngineException(Kind.UNIMPLEMENTED, "a fake pool has no bytes");
    }

    @Override
    public VolumeInfo createVolume(VolumeRequest request, VolumeUse origin) {
        return volumes.computeIfAbsent(
                request.id(),
                id -> new VolumeInfo(
                        name,
                        id,
                        request.sizeBytes(),
                        0,
                        request.provisioning(),
                        512,
                        request.origin(),
                        VolumeState.READY,
                        100,
                        "",
                        "",
                        1));
    }

    @Override
    public void deleteVolume(String volumeId) {
        volumes.remove(volumeId);
    }

    @Override
    public VolumeInfo volume(String volumeId) {
        VolumeInfo found = volumes.get(volumeId);
        if (found == null) {
            throw new EngineException(Kind.NOT_FOUND, "there is no volume " + volumeId + " in this pool");
        }
        return found;
    }

    @Override
    public List<VolumeInfo> volumes() {
        return List.copyOf(volumes.values());
    }

    @Override
    public VolumeInfo growVolume(String volumeId, long sizeBytes) {
        VolumeInfo old = volume(volumeId);
        return put(old, Math.max(sizeBytes, old.sizeBytes()), old.formattedAs());
    }

    @Override
    public VolumeInfo markFormatted(String volumeId, String filesystem) {
        VolumeInfo old = volume(volumeId);
        return put(old, old.sizeBytes(), filesystem);
    }

    private VolumeInfo put(VolumeInfo old, long sizeBytes, String formattedAs) {
        VolumeInfo next = new VolumeInfo(
                name,
                old.id(),
                sizeBytes,
                0,
                old.provisioning(),
                512,
                old.origin(),
                VolumeState.READY,
                100,
                formattedAs,
                "",
                1);
        volumes.put(old.id(), next);
        return next;
    }

    @Override
    public SnapshotInfo createSnapshot(String snapshotId, String volumeId, VolumeUse use) {
        VolumeInfo source = volume(volumeId);
        use.whileHeld(() -> snapshots.putIfAbsent(
                snapshotId,
                new SnapshotInfo(
                        name, snapshotId, volumeId, source.sizeBytes(), 0, 512, VolumeState.READY, 100, "", 1, 2000)));
        return snapshots.get(snapshotId);
    }

    @Override
    public void deleteSnapshot(String snapshotId) {
        snapshots.remove(snapshotId);
    }

    @Override
    public SnapshotInfo snapshot(String snapshotId) {
        SnapshotInfo found = snapshots.get(snapshotId);
        if (found == null) {
            throw new EngineException(Kind.NOT_FOUND, "there is no snapshot " + snapshotId + " in this pool");
        }
        return found;
    }

    @Override
    public List<SnapshotInfo> snapshots() {
        return List.copyOf(snapshots.values());
    }

    @Override
    public void close() {}
}
