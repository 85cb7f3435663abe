package io.ublkcsi.engine.pool.file;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import io.ublkcsi.engine.pool.SnapshotInfo;
import io.ublkcsi.engine.pool.VolumeInfo;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeState;
import io.ublkcsi.engine.pool.VolumeUse;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots, and volumes made from them and from each other. */
class SnapshotTest {
    private static final long MIB = 1 << 20;
    private static final long SEED = 20_261_121;

    private final PoolFolderFixture folder = new PoolFolderFixture();
    private FilePool pool;

    @BeforeEach
    void open() throws IOException {
        pool = folder.open();
        pool.createVolume(new VolumeRequest("v", 16 * MIB, Provisioning.THIN, 0, null), VolumeUse.UNUSED);
        write(2 * MIB, 300_000);
        write(15 * MIB, (int) MIB);
    }

    @AfterEach
    void close() {
        pool.close();
        folder.close();
    }

    private void write(long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(SEED + offset).nextBytes(bytes);
        try (RandomAccessFile image = new RandomAccessFile(folder.image("v").toFile(), "rw")) {
            image.seek(offset);
            image.write(bytes);
        }
    }

    private SnapshotInfo snapshot(String id) {
        pool.createSnapshot(id, "v", VolumeUse.UNUSED);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> pool.snapshot(id).state() == VolumeState.READY);
        return pool.snapshot(id);
    }

    private VolumeInfo createFrom(String id, long size, Origin origin) {
        pool.createVolume(new VolumeRequest(id, size, Provisioning.THIN, 0, origin), VolumeUse.UNUSED);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> pool.volume(id).state() == VolumeState.READY);
        return pool.volume(id);
    }

    @Test
    void snapshotHasTheVolumesBytesAndHoles() throws IOException {
        SnapshotInfo made = snapshot("s");

        assertThat(Files.mismatch(folder.snapshotImage("s"), folder.image("v"))).isEqualTo(-1);
        assertThat(made.sizeBytes()).isEqualTo(16 * MIB);
        assertThat(made.allocatedBytes()).isLessThan(3 * MIB);
        assertThat(made.sourceVolumeId()).isEqualTo("v");
    }

    @Test
    void snapshotStaysAsItIs() throws IOException {
        snapshot("s");
        byte[] before = Files.readAllBytes(folder.snapshotImage("s"));

        write(0, 5000);

        assertThat(Files.readAllBytes(folder.snapshotImage("s"))).isEqualTo(before);
    }

    @Test
    void snapshottingAgainAnswersTheSame() {
        SnapshotInfo first = snapshot("s");

        assertThat(pool.createSnapshot("s", "v", VolumeUse.UNUSED)).isEqualTo(first);
        pool.createVolume(new VolumeRequest("w", MIB, Provisioning.THIN, 0, null), VolumeUse.UNUSED);
        assertRefused(Kind.ALREADY_EXISTS, "of volume v", () -> pool.createSnapshot("s", "w", VolumeUse.UNUSED));
    }

    @Test
    void volumeFromASnapshotMayBeLarger() throws IOException {
        snapshot("s");

        VolumeInfo restored = createFrom("r", 20 * MIB, new Origin(Origin.Kind.SNAPSHOT, "s"));

        assertThat(restored.sizeBytes()).isEqualTo(20 * MIB);
        assertThat(Files.mismatch(folder.image("v"), folder.image("r")))
                .as("the first difference is the end of the shorter one")
                .isEqualTo(16 * MIB);
    }

    @Test
    void volumeFromAVolume() throws IOException {
        VolumeInfo copy = createFrom("c", 0, new Origin(Origin.Kind.VOLUME, "v"));

        assertThat(copy.sizeBytes()).isEqualTo(16 * MIB);
        assertThat(copy.origin()).isEqualTo(new Origin(Origin.Kind.VOLUME, "v"));
        assertThat(Files.mismatch(folder.image("v"), folder.image("c"))).isEqualTo(-1);
    }

    @Test
    void volumeIsNotSmallerThanItsSource() {
        snapshot("s");

        assertRefused(
                Kind.INVALID_ARGUMENT,
                "too small for snapshot s",
                () -> createFrom("r", MIB, new Origin(Origin.Kind.SNAPSHOT, "s")));
        assertRefused(
                Kind.NOT_FOUND,
                "there is no snapshot x",
                () -> createFrom("r", MIB, new Origin(Origin.Kind.SNAPSHOT, "x")));
        assertThat(pool.volumes()).extracting(VolumeInfo::id).containsExactly("v");
    }

    @Test
    void blockSizeIsTheSources() {
        assertRefused(
                Kind.INVALID_ARGUMENT,
                "keeps them",
                () -> pool.createVolume(
                        new VolumeRequest("c", 0, Provisioning.THIN, 4096, new Origin(Origin.Kind.VOLUME, "v")),
                        VolumeUse.UNUSED));
    }

    @Test
    void volumeThatAnotherProcessServesIsNotCopied() {
        assumeFalse(pool.info().reflink());
        int other = Linux.open(folder.image("v").toString(), Linux.O_RDONLY);
        Linux.flock(other, Linux.LOCK_EX_NB);

        assertRefused(Kind.FAILED_PRECONDITION, "is in use", () -> pool.createSnapshot("s", "v", VolumeUse.UNUSED));

        Linux.close(other);
        assertThat(pool.snapshots()).isEmpty();
        assertThat(folder.snapshotImage("s")).doesNotExist();
    }

    @Test
    void deletedSnapshotLeavesNothing() {
        snapshot("s");

        pool.deleteSnapshot("s");
        pool.deleteSnapshot("s");

        assertThat(pool.snapshots()).isEmpty();
        assertThat(folder.snapshotImage("s")).doesNotExist();
        assertThat(folder.snapshotRecord("s")).doesNotExist();
        assertThat(folder.snapshotMarks("s")).doesNotExist();
    }

    @Test
    void snapshotOfAPreallocatedVolumeIsCounted() {
        pool.createVolume(new VolumeRequest("p", 4 * MIB, Provisioning.PREALLOCATED, 0, null), VolumeUse.UNUSED);
        long before = pool.info().reservedBytes();

        pool.createSnapshot("ps", "p", VolumeUse.UNUSED);

        if (pool.info().reflink()) {
            assertThat(pool.info().reservedBytes() - before).isEqualTo(4 * MIB);
        }
        assertThat(pool.snapshot("ps").sizeBytes()).isEqualTo(4 * MIB);
    }
}
