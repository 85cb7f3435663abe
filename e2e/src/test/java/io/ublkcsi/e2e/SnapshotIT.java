package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.engine.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.engine.v1.GetSnapshotRequest;
import io.ublkcsi.proto.engine.v1.Snapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Snapshots of a disk while it is written to, with shared blocks (XFS) and without (ext4). */
class SnapshotIT {
    private static final int BLOCK = 4096;
    private static final long SIZE = 8 * Guest.MIB;
    private static final long LAST = SIZE - BLOCK;

    /** A writer stores one counter in the first block, then in the last: a snapshot may be in between, no more. */
    @ParameterizedTest
    @CsvSource({"local, E2E_POOL, 10", "ext4, E2E_EXT4_POOL, 50"})
    void aSnapshotUnderAWriterIsNeverTorn(String pool, String folder, int snapshots) throws IOException {
        try (TestVolume volume = TestVolume.attached(pool, "torn", SIZE, AttachOptions.getDefaultInstance())) {
            Shell.run("dd if=/dev/urandom of=%s bs=1M oflag=direct status=none".formatted(volume.path()) + " count="
                    + SIZE / Guest.MIB);
            for (long block : new long[] {0, LAST / BLOCK}) {
                Shell.run("dd if=/dev/zero of=%s bs=%d seek=%d count=1 oflag=direct status=none"
                        .formatted(volume.path(), BLOCK, block));
            }
            AtomicBoolean enough = new AtomicBoolean();
            CompletableFuture<Long> writer = CompletableFuture.supplyAsync(() -> count(volume.path(), enough));
            try {
                long before = 0;
                for (int i = 0; i < snapshots; i++) {
                    long first = checkOne(pool, Path.of(Guest.environment(folder)), "torn-" + i);
                    assertThat(first)
                            .as("a later snapshot shows no earlier state")
                            .isGreaterThanOrEqualTo(before);
                    before = first;
                }
            } finally {
                enough.set(true);
            }
            assertThat(writer.join()).as("the writer was served meanwhile").isGreaterThan(snapshots);
        }
    }

    /** Returns the counter in the first block. */
    private static long checkOne(String pool, Path folder, String id) throws IOException {
        take(pool, id);
        try (RandomAccessFile image = new RandomAccessFile(folder + "/snapshots/" + id + ".raw", "r")) {
            long first = counter(image, 0);
            long last = counter(image, LAST);
            assertThat(first - last)
                    .as("%s has %d in its first block and %d in its last", id, first, last)
                    .isBetween(0L, 1L);
            return first;
        } finally {
            Guest.pools()
                    .deleteSnapshot(DeleteSnapshotRequest.newBuilder()
                            .setPool(pool)
                            .setSnapshotId(id)
                            .build());
        }
    }

    private static long counter(RandomAccessFile image, long offset) throws IOException {
        image.seek(offset);
        return image.readLong();
    }

    private static void take(String pool, String id) {
        Snapshot snapshot = Guest.pools()
                .createSnapshot(CreateSnapshotRequest.newBuilder()
                        .setPool(pool)
                        .setSnapshotId(id)
                        .setSourceVolumeId("torn")
                        .build());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(300);
        while (!snapshot.getReady()) {
            assertThat(snapshot.getFailure()).isEmpty();
            assertThat(System.nanoTime() - deadline).isNegative();
            OwnEngine.pause(20);
            snapshot = Guest.pools()
                    .getSnapshot(GetSnapshotRequest.newBuilder()
                            .setPool(pool)
                            .setSnapshotId(id)
                            .build());
        }
    }

    private static long count(String path, AtomicBoolean enough) {
        try (FileChannel disk = FileChannel.open(Path.of(path), StandardOpenOption.WRITE, StandardOpenOption.DSYNC)) {
            ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
            long counter = 0;
            while (!enough.get()) {
                counter++;
                block.putLong(0, counter);
                write(disk, block, 0);
                write(disk, block, LAST);
            }
            return counter;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void write(FileChannel disk, ByteBuffer block, long offset) throws IOException {
        assertThat(disk.write(block.rewind(), offset)).isEqualTo(BLOCK);
    }
}
