package io.ublkcsi.engine.pool.file;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.ublkcsi.engine.backend.cut.CutMap;
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
import java.util.Arrays;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an engine that died leaves behind, at each step, and what the next one makes of it. */
class InterruptedTest {
    private static final long MIB = 1 << 20;
    private static final int CHUNK = CutMap.CHUNK_BYTES;

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

    /** The first chunk was copied and has changed since; the second was not copied. */
    private void halfACopy(String bootId) throws IOException {
        create("v");
        Files.write(folder.image("v"), filled('a'));
        pool.createSnapshot("s", "v", VolumeUse.UNUSED);
        awaitReady("s");
        setState(folder.snapshotRecord("s"), "COPYING");
        pool.close();
        overwrite(folder.image("v"), 0, 'b');
        overwrite(folder.snapshotImage("s"), CHUNK, 'x');
        byte[] marks = Arrays.copyOf(bootId.getBytes(StandardCharsets.US_ASCII), bootId.length() + 2);
        marks[bootId.length()] = 1;
        Files.write(folder.snapshotMarks("s"), marks);
        pool = folder.open();
    }

    private static byte[] filled(char letter) {
        byte[] bytes = new byte[(int) MIB];
        Arrays.fill(bytes, (byte) letter);
        return bytes;
    }

    private static void overwrite(Path image, long offset, char letter) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            file.write(filled(letter), 0, CHUNK);
        }
    }

    private static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"));
    }

    @Test
    void copyThatIsNotDone() throws IOException {
        assumeFalse(pool.info().reflink());
        halfACopy(bootId());

        awaitReady("s");
        assertThat(Files.readAllBytes(folder.snapshotImage("s"))).isEqualTo(filled('a'));
        assertThat(folder.snapshotMarks("s")).doesNotExist();
    }

    @Test
    void copyThatIsNotDoneWhenTheMachineWentDown() throws IOException {
        assumeFalse(pool.info().reflink());
        halfACopy(bootId().replace('-', '+'));

        assertThat(pool.snapshot("s").state()).isEqualTo(VolumeState.FAILED);
        assertThat(pool.snapshot("s").failure()).contains("make it anew");
        assertThat(folder.snapshotImage("s")).doesNotExist();
        assertThat(folder.snapshotMarks("s")).doesNotExist();
    }

    @Test
    void copyOfASnapshotThatIsNotDone() throws IOException {
        create("v");
        Files.write(folder.image("v"), filled('a'));
        pool.createSnapshot("s", "v", VolumeUse.UNUSED);
        awaitReady("s");
        pool.createVolume(
                new VolumeRequest("r", 0, Provisioning.THIN, 0, new Origin(Origin.Kind.SNAPSHOT, "s")),
                VolumeUse.UNUSED);
        awaitVolume("r");
        setState(folder.record("r"), "COPYING");
        Files.write(folder.image("r"), new byte[] {1, 2, 3});

        reopen();

        awaitVolume("r");
        assertThat(Files.mismatch(folder.snapshotImage("s"), folder.image("r"))).isEqualTo(-1);
    }

    private void awaitVolume(String id) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> pool.volume(id).state() == VolumeState.READY);
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
