package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.backend.memory.MemoryBackend;
import io.ublkcsi.engine.backend.none.NoneBackend;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Volumes that are gone with the engine: in its memory, or nowhere at all. For tests and measurements. Any thread. */
final class VolatilePool implements Pool {
    static final String MEMORY = "memory";
    static final String NONE = "none";

    private static final String SIZE = "size";
    private static final long DEFAULT_MEMORY_BYTES = 4L << 30;
    private static final long NONE_BYTES = 1L << 50;
    private static final int PHYSICAL_BYTES = 4096;

    private final String name;
    private final String kind;
    private final long totalBytes;
    private final BackendMaker maker;
    private final Map<String, VolatileVolume> volumes = new TreeMap<>();

    /** Makes a volume's bytes. */
    @FunctionalInterface
    interface BackendMaker {
        Backend make(long sizeBytes, int logicalBytes);
    }

    private VolatilePool(String name, String kind, long totalBytes, BackendMaker maker) {
        this.name = name;
        this.kind = kind;
        this.totalBytes = totalBytes;
        this.maker = maker;
    }

    /** {@code name=...,kind=memory[,size=4Gi]}: no more than this is promised; what is written is taken. */
    static VolatilePool memory(PoolSpec spec) {
        spec.allowOnly(Set.of(SIZE));
        return new VolatilePool(spec.name(), MEMORY, spec.bytes(SIZE, DEFAULT_MEMORY_BYTES), MemoryBackend::new);
    }

    /** {@code name=...,kind=none}. */
    static VolatilePool none(PoolSpec spec) {
        spec.allowOnly(Set.of());
        return new VolatilePool(spec.name(), NONE, NONE_BYTES, NoneBackend::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public synchronized PoolInfo info() {
        long promised =
                volumes.values().stream().mapToLong(VolatileVolume::sizeBytes).sum();
        long free = totalBytes - promised;
        int block = BlockLimits.MIN_BLOCK_BYTES;
        return new PoolInfo(
                name,
                kind,
                totalBytes,
                free,
                promised,
                free,
                0,
                free / block * block,
                false,
                block,
                PHYSICAL_BYTES,
                "",
                "");
    }

    @Override
    public synchronized Backend openBackend(String volumeId, OpenOptions options) {
        return find(volumeId).lend(options);
    }

    private VolatileVolume find(String volumeId) {
        VolumeIds.check("volume id", volumeId);
        VolatileVolume found = volumes.get(volumeId);
        if (found == null) {
            throw new EngineException(
                    Kind.NOT_FOUND,
                    "there is no volume " + volumeId + " in pool '" + name
                            + "', which forgets its volumes when the engine" + " ends");
        }
        return found;
    }

    @Override
    public synchronized VolumeInfo createVolume(VolumeRequest request, VolumeUse origin) {
        VolatileVolume present = volumes.get(request.id());
        if (present != null) {
            return present.sameOrRefused(request);
        }
        if (request.origin() != null) {
            throw unsupported("volumes from " + request.origin());
        }
        if (request.sizeBytes() > info().availableBytes()) {
            throw new EngineException(
                    Kind.RESOURCE_EXHAUSTED,
                    "pool '" + name + "' has no room for " + ByteSize.print(request.sizeBytes()) + ": "
                            + ByteSize.print(info().availableBytes())
                            + " are available; start the engine with a larger size=");
        }
        VolatileVolume made = new VolatileVolume(name, request, maker);
        volumes.put(request.id(), made);
        return made.info();
    }

    @Override
    public synchronized void deleteVolume(String volumeId) {
        VolumeIds.check("volume id", volumeId);
        VolatileVolume present = volumes.get(volumeId);
        if (present != null) {
            present.delete();
            volumes.remove(volumeId);
        }
    }

    @Override
    public synchronized VolumeInfo volume(String volumeId) {
        return find(volumeId).info();
    }

    @Override
    public synchronized List<VolumeInfo> volumes() {
        return volumes.values().stream().map(VolatileVolume::info).toList();
    }

    @Override
    public synchronized VolumeInfo growVolume(String volumeId, long sizeBytes) {
        VolatileVolume present = find(volumeId);
        if (sizeBytes > present.sizeBytes()) {
            throw unsupported("growing volumes");
        }
        return present.info();
    }

    @Override
    public synchronized VolumeInfo markFormatted(String volumeId, String filesystem) {
        return find(volumeId).markFormatted(filesystem);
    }

    @Override
    public SnapshotInfo createSnapshot(String snapshotId, String volumeId, VolumeUse use) {
        throw unsupported("snapshots");
    }

    /** There never is one. */
    @Override
    public void deleteSnapshot(String snapshotId) {
        VolumeIds.check("snapshot id", snapshotId);
    }

    @Override
    public SnapshotInfo snapshot(String snapshotId) {
        VolumeIds.check("snapshot id", snapshotId);
        throw new EngineException(Kind.NOT_FOUND, "there is no snapshot " + snapshotId + " in pool '" + name + "'");
    }

    @Override
    public List<SnapshotInfo> snapshots() {
        return List.of();
    }

    private EngineException unsupported(String what) {
        return new EngineException(
                Kind.UNIMPLEMENTED, "a pool of kind '" + kind + "' cannot do " + what + ": use one of kind 'file'");
    }

    @Override
    public synchronized void close() {
        volumes.values().forEach(VolatileVolume::free);
        volumes.clear();
    }
}
