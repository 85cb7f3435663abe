package io.ublkcsi.common.store;

import io.ublkcsi.common.fault.CsiFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The volume store of one machine: a folder of small JSON files that controller and node plugin share.
 *
 * <pre>
 * volumes/ID.spec.json     written by the controller
 * volumes/ID.status.json   written by the node plugin
 * snapshots/...            the same
 * pools/NODE.json          written by the node plugin
 * </pre>
 */
public final class FileVolumeStore implements VolumeStore {
    private static final Duration STALE_TEMPORARY = Duration.ofMinutes(10);

    private final Path pools;
    private final FileRecords<VolumeSpec, VolumeStatus> volumes;
    private final FileRecords<SnapshotSpec, SnapshotStatus> snapshots;
    private final FileWatch watch;

    /** Opens the store in {@code folder}, which is made (mode 0700) when it is not there. */
    public static FileVolumeStore open(Path folder) throws IOException {
        List<Path> parts = new ArrayList<>();
        for (String part : List.of("volumes", "snapshots", "pools")) {
            Path path = folder.resolve(part);
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            removeStaleTemporaries(path);
            parts.add(path);
        }
        return new FileVolumeStore(parts.get(0), parts.get(1), parts.get(2));
    }

    private FileVolumeStore(Path volumes, Path snapshots, Path pools) throws IOException {
        this.pools = pools;
        this.volumes =
                new FileRecords<>(volumes, VolumeSpec.class, VolumeStatus.class, VolumeStatus.UNKNOWN, "store.volume");
        this.snapshots = new FileRecords<>(
                snapshots, SnapshotSpec.class, SnapshotStatus.class, SnapshotStatus.UNKNOWN, "store.snapshot");
        this.watch = new FileWatch(volumes, snapshots, pools);
    }

    @Override
    public Records<VolumeSpec, VolumeStatus> volumes() {
        return volumes;
    }

    @Override
    public Records<SnapshotSpec, SnapshotStatus> snapshots() {
        return snapshots;
    }

    @Override
    public List<PoolReport> pools() {
        try (Stream<Path> files = Files.list(pools)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .flatMap(file -> JsonFile.read(file, NodePools.class).stream())
                    .flatMap(node -> node.pools().stream())
                    .toList();
        } catch (IOException failure) {
            throw new CsiFault.Internal("can't list the pools in " + pools + ": " + failure.getMessage(), failure);
        }
    }

    @Override
    public void reportPools(String node, List<PoolReport> reports) {
        Path file = pools.resolve(node + ".json");
        NodePools now = new NodePools(List.copyOf(reports));
        if (JsonFile.read(file, NodePools.class).filter(now::equals).isEmpty()) {
            JsonFile.write(file, now, "store.pools.after-reported");
        }
    }

    @Override
    public Subscription watch(Consumer<Change> listener) {
        return watch.subscribe(listener);
    }

    @Override
    public void close() {
        watch.close();
    }

    /** What writers that were killed left behind; a live one needs its file for milliseconds. */
    private static void removeStaleTemporaries(Path folder) throws IOException {
        Instant before = Instant.now().minus(STALE_TEMPORARY);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                boolean temporary = file.getFileName().toString().endsWith(".tmp");
                if (temporary && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The content of a pool file. */
    private record NodePools(List<PoolReport> pools) {}
}
