package io.ublkcsi.engine.pool.file;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import io.ublkcsi.engine.pool.VolumeInfo;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeState;
import io.ublkcsi.engine.pool.VolumeUse;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an engine that died leaves behind, at each step, and what the next one makes of it. */
class InterruptedTest {
    private static final long MIB = 1 << 20;

    private final PoolFolderFixture folder = new PoolFolderFixture();
    private FilePool pool = folder.open();

    @AfterEach
    void close() {
        pool.close();
        folder.close();
    }

    private void create(String id) {
        pool.createVolume(new VolumeRequest(id, MIB, Provisioning.THIN, 0, null), VolumeUse.UNUSED);
    }

    private void reopen() {
        pool.close();
        pool = folder.open();
    }

    private void setState(Path record, String state) throws IOException {
        Files.writeString(record, Files.readString(record).replace("\"READY\"", "\"" + state + "\""));
    }

    @Test
    void recordWithoutAnImage() throws IOException {
        create("v");
        setState(folder.record("v"), "CREATING");
        Files.delete(folder.image("v"));

        reopen();

        assertThat(pool.volumes()).isEmpty();
        assertThat(folder.record("v")).doesNotExist();
        create("v");
    }

    @Test
    void imageThatIsNotDone() throws IOException {
        create("v");
        setState(folder.record("v"), "CREATING");

        reopen();

        assertThat(folder.image("v")).doesNotExist();
        assertThat(folder.record("v")).doesNotExist();
    }

    @Test
    void removalThatIsNotDone() throws IOException {
        create("v");
        setState(folder.record("v"), "DELETING");

        reopen();

        assertThat(folder.image("v")).doesNotExist();
        assertThat(folder.record("v")).doesNotExist();
    }

    @Test
    void recordThatIsHalfWritten() throws IOException {
        create("v");
        Files.writeString(folder.path().resolve("volumes/v.json.tmp"), "{ \"form");

        reopen();

        assertThat(folder.path().resolve("volumes/v.json.tmp")).doesNotExist();
        assertThat(pool.volume("v").state()).isEqualTo(VolumeState.READY);
    }

    @Test
    void growthThatIsNotRecorded() throws IOException {
        create("v");
        try (RandomAccessFile image = new RandomAccessFile(folder.image("v").toFile(), "rw")) {
            image.setLength(2 * MIB);
        }

        reopen();

        assertThat(pool.volume("v").sizeBytes()).isEqualTo(2 * MIB);
    }

    @Test
    void copyThatIsNotDone() throws IOException {
        create("v");
        Files.write(folder.image("v"), "hello".getBytes(StandardCharsets.US_ASCII));
        try (RandomAccessFile image = new RandomAccessFile(folder.image("v").toFile(), "rw")) {
            image.setLength(MIB);
        }
        pool.createSnapshot("s", "v", VolumeUse.UNUSED);
        awaitReady("s");
        setState(folder.snapshotRecord("s"), "COPYING");
        Files.write(folder.snapshotImage("s"), new byte[] {1, 2, 3});

        reopen();

        awaitReady("s");
        assertThat(Files.mismatch(folder.snapshotImage("s"), folder.image("v"))).isEqualTo(-1);
    }

    private void awaitReady(String snapshot) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> pool.snapshot(snapshot).state() == VolumeState.READY);
    }

    @Test
    void copyWhoseOriginIsGone() throws IOException {
        create("v");
        pool.createSnapshot("s", "v", VolumeUse.UNUSED);
        awaitReady("s");
        setState(folder.snapshotRecord("s"), "COPYING");
        Files.delete(folder.image("v"));
        Files.delete(folder.record("v"));

        reopen();

        assertThat(pool.snapshot("s").state()).isEqualTo(VolumeState.FAILED);
        assertThat(folder.snapshotImage("s")).doesNotExist();
        assertRefused(
                Kind.FAILED_PRECONDITION,
                "could not be made",
                () -> pool.createVolume(
                        new VolumeRequest("w", 0, Provisioning.THIN, 0, new Origin(Origin.Kind.SNAPSHOT, "s")),
                        VolumeUse.UNUSED));
        pool.deleteSnapshot("s");
    }

    @Test
    void othersAreLeftAlone() throws IOException {
        create("kept");
        create("v");
        setState(folder.record("v"), "CREATING");

        reopen();

        assertThat(pool.volumes()).extracting(VolumeInfo::id).containsExactly("kept");
    }
}
