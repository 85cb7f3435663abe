package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.DataPresence;
import io.ublkcsi.engine.pool.HeldVolume;
import io.ublkcsi.engine.pool.OpenOptions;
import io.ublkcsi.engine.pool.Pool;
import io.ublkcsi.engine.pool.PoolInfo;
import io.ublkcsi.engine.pool.SnapshotInfo;
import io.ublkcsi.engine.pool.VolumeIds;
import io.ublkcsi.engine.pool.VolumeInfo;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeUse;
import io.ublkcsi.engine.sys.FileSystemStatus;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Volumes as raw disk images in a directory: {@code volumes/ID.raw} and {@code snapshots/ID.raw}, a JSON record beside
 * each. The engine that has a pool open holds a lock on its folder.
 */
public final class FilePool implements Pool {
    public static final String KIND = "file";

    static final String VOLUMES = "volumes";
    static final String SNAPSHOTS = "snapshots";

    private final FilePoolOptions options;
    private final PoolFolder root;
    private final ImageStore volumes;
    private final ImageStore snapshots;
    private final PoolTraits traits;
    private final ImageMaker maker;
    private final ImagePlanner planner;
    private final ImageOpener opener;
    private final SpaceWatch spaceWatch;

    private FilePool(
            FilePoolOptions options, PoolFolder root, ImageStore volumes, ImageStore snapshots, PoolTraits traits) {
        this.options = options;
        this.root = root;
        this.volumes = volumes;
        this.snapshots = snapshots;
        this.traits = traits;
        this.opener = new ImageOpener(volumes, traits);
        this.maker = new ImageMaker(options.name(), volumes, snapshots, traits);
        this.planner = new ImagePlanner(options.name(), volumes, snapshots, traits, maker, this::space);
        long totalBytes = FileSystemStatus.of(root.fd()).totalBytes();
        this.spaceWatch = new SpaceWatch(options.name(), volumes, totalBytes, new Headroom(root.fd(), this::space));
    }

    /**
     * Opens a pool, and ends or undoes what an engine that died on it had begun.
     *
     * @throws EngineException when the folder is not there, is another engine's, or cannot do direct I/O
     */
    public static FilePool open(FilePoolOptions options) {
        return open(options, null);
    }

    /** Tries the pool's folder, which may be another engine's still; what is answered opens the pool. */
    public static Supplier<Pool> prepare(FilePoolOptions options) {
        FolderTraits known = FolderTraits.find(options.path());
        return () -> open(options, known);
    }

    private static FilePool open(FilePoolOptions options, @Nullable FolderTraits known) {
        PoolFolder root = PoolFolder.open(options.path());
        try {
            if (!root.lock()) {
                throw new EngineException(
                        Kind.FAILED_PRECONDITION,
                        "the pool's folder " + options.path()
                                + " is in use by another engine: end that one, or give this one a"
                                + " folder of its own");
            }
            PoolFolder volumeFolder = markedChild(root, VOLUMES);
            PoolFolder snapshotFolder = markedChild(root, SNAPSHOTS);
            PoolTraits traits =
                    known != null && known.areOf(volumeFolder) ? known.traits() : PoolProbe.of(volumeFolder);
            if (!traits.problem().isEmpty() && !options.allowBuffered()) {
                throw new EngineException(
                        Kind.FAILED_PRECONDITION, "pool '" + options.name() + "': " + traits.problem());
            }
            FilePool pool = new FilePool(
                    options,
                    root,
                    new ImageStore("volume", volumeFolder),
                    new ImageStore("snapshot", snapshotFolder),
                    traits);
            pool.maker.finishInterrupted();
            pool.spaceWatch.start();
            return pool;
        } catch (RuntimeException failure) {
            root.close();
            throw failure;
        }
    }

    private static PoolFolder markedChild(PoolFolder root, String name) {
        PoolFolder child = root.child(name);
        boolean btrfs = FileSystemStatus.of(child.fd()).type() == FileSystemStatus.BTRFS;
        if (btrfs && child.isEmptyOf(ImageStore.IMAGE)) {
            NoCow.set(child.fd());
        }
        return child;
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public String kind() {
        return KIND;
    }

    public PoolTraits traits() {
        return traits;
    }

    @Override
    public PoolInfo info() {
        PoolSpace space = space();
        long block = traits.logicalBlockBytes();
        return new PoolInfo(
                name(),
                KIND,
                space.totalBytes(),
                space.freeBytes(),
                space.reservedBytes(),
                space.availableBytes(),
                space.minFreeBytes(),
                space.availableBytes() / block * block,
                traits.reflink(),
                traits.logicalBlockBytes(),
                traits.physicalBlockBytes(),
                problem(),
                traits.filesystem());
    }

    private String problem() {
        return Stream.concat(volumes.unreadable().values().stream(), snapshots.unreadable().values().stream())
                .map(EngineException::getMessage)
                .collect(Collectors.joining("; "));
    }

    private PoolSpace space() {
        FileSystemStatus disk = FileSystemStatus.of(root.fd());
        long minFree =
                options.minFreeBytes() >= 0 ? options.minFreeBytes() : PoolSpace.defaultMinFree(disk.totalBytes());
        PoolSpace space = PoolSpace.of(disk.totalBytes(), disk.availableBytes(), minFree, options.overcommit());
        for (ImageRecord record : volumes.all()) {
            space = space.promise(record, volumes.allocatedBytes(record.id()), false);
        }
        for (ImageRecord record : snapshots.all()) {
            space = space.promise(record, snapshots.allocatedBytes(record.id()), true);
        }
        return space;
    }

    @Override
    public Backend openBackend(String volumeId, OpenOptions openOptions) {
        VolumeIds.check("volume id", volumeId);
        return maker.gate(volumeId).serve(() -> {
            ImageRecord record = planner.ready(volumes, volumeId);
            return spaceWatch.guard(record, opener.open(record, openOptions));
        });
    }

    @Override
    public List<HeldVolume> held() {
        return spaceWatch.held();
    }

    @Override
    public VolumeInfo createVolume(VolumeRequest request, VolumeUse origin) {
        return volumeInfo(planner.createVolume(request, origin));
    }

    @Override
    public void deleteVolume(String volumeId) {
        VolumeIds.check("volume id", volumeId);
        planner.delete(volumes, volumeId);
    }

    @Override
    public VolumeInfo volume(String volumeId) {
        VolumeIds.check("volume id", volumeId);
        return volumeInfo(volumes.get(volumeId));
    }

    @Override
    public List<VolumeInfo> volumes() {
        return volumes.all().stream().map(this::volumeInfo).toList();
    }

    @Override
    public DataPresence data(String volumeId) {
        return volumes.data(planner.ready(volumes, volumeId).id());
    }

    @Override
    public VolumeInfo growVolume(String volumeId, long sizeBytes) {
        VolumeIds.check("volume id", volumeId);
        return volumeInfo(planner.grow(planner.ready(volumes, volumeId), sizeBytes));
    }

    @Override
    public VolumeInfo markFormatted(String volumeId, String filesystem) {
        VolumeIds.check("volume id", volumeId);
        ImageRecord record = planner.ready(volumes, volumeId);
        return volumeInfo(record.formattedAs().equals(filesystem) ? record : volumes.put(record.formatted(filesystem)));
    }

    @Override
    public SnapshotInfo createSnapshot(String snapshotId, String volumeId, VolumeUse use) {
        VolumeIds.check("snapshot id", snapshotId);
        VolumeIds.check("volume id", volumeId);
        return snapshotInfo(planner.createSnapshot(snapshotId, volumeId, use));
    }

    @Override
    public void deleteSnapshot(String snapshotId) {
        VolumeIds.check("snapshot id", snapshotId);
        planner.delete(snapshots, snapshotId);
    }

    @Override
    public SnapshotInfo snapshot(String snapshotId) {
        VolumeIds.check("snapshot id", snapshotId);
        return snapshotInfo(snapshots.get(snapshotId));
    }

    @Override
    public List<SnapshotInfo> snapshots() {
        return snapshots.all().stream().map(this::snapshotInfo).toList();
    }

    private VolumeInfo volumeInfo(ImageRecord record) {
        return new VolumeInfo(
                name(),
                record.id(),
                record.sizeBytes(),
                volumes.allocatedBytes(record.id()),
                record.provisioning(),
                record.logicalBlockBytes(),
                record.origin(),
                ImageOpener.publicState(record.state()),
                maker.progressPercent(volumes, record),
                record.formattedAs(),
                record.reason(),
                record.createdMs());
    }

    private SnapshotInfo snapshotInfo(ImageRecord record) {
        return new SnapshotInfo(
                name(),
                record.id(),
                record.madeFrom().id(),
                record.sizeBytes(),
                snapshots.allocatedBytes(record.id()),
                record.logicalBlockBytes(),
                ImageOpener.publicState(record.state()),
                maker.progressPercent(snapshots, record),
                record.reason(),
                record.createdMs(),
                record.pauseNs());
    }

    @Override
    public void close() {
        spaceWatch.close();
        maker.close();
        volumes.close();
        snapshots.close();
        root.close();
    }
}
