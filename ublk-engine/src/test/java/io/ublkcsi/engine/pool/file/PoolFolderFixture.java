package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.pool.PoolSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for a pool, below the build's target directory: a real file system, seldom a tmpfs. */
final class PoolFolderFixture implements AutoCloseable {
    private final Path path;

    PoolFolderFixture() {
        try {
            Path target = Files.createDirectories(Path.of("target"));
            path = Files.createTempDirectory(target, "pool").toAbsolutePath();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Path path() {
        return path;
    }

    Path image(String volume) {
        return path.resolve("volumes").resolve(volume + ".raw");
    }

    Path record(String volume) {
        return path.resolve("volumes").resolve(volume + ".json");
    }

    Path snapshotImage(String snapshot) {
        return path.resolve("snapshots").resolve(snapshot + ".raw");
    }

    Path snapshotRecord(String snapshot) {
        return path.resolve("snapshots").resolve(snapshot + ".json");
    }

    Path snapshotMarks(String snapshot) {
        return path.resolve("snapshots").resolve(snapshot + ".cut");
    }

    /** With nothing kept free. */
    FilePool open() {
        return open("minFree=0");
    }

    FilePool open(String options) {
        return FilePool.open(FilePoolOptions.of(PoolSpec.parse(
                "name=test,kind=file,allowBuffered,path=" + path + (options.isEmpty() ? "" : "," + options))));
    }

    @Override
    public void close() {
        try (Stream<Path> all = Files.walk(path)) {
            all.sorted(Comparator.reverseOrder()).forEach(PoolFolderFixture::delete);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
