package io.ublkcsi.engine.pool.file;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.OpenOptions;
import io.ublkcsi.engine.pool.Provisioning;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeUse;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a volume's image can be instead of a file of its own: each gets its own sentence. */
class ImageOpenerTest {
    private static final long MIB = 1 << 20;
    private static final String ID = "data-1";

    private final PoolFolderFixture folder = new PoolFolderFixture();
    private FilePool pool;

    @BeforeEach
    void open() {
        pool = folder.open();
        pool.createVolume(new VolumeRequest(ID, MIB, Provisioning.THIN, 0, null), VolumeUse.UNUSED);
    }

    @AfterEach
    void close() {
        pool.close();
        folder.close();
    }

    private void assertNotOpened(String sentence) {
        assertRefused(Kind.FAILED_PRECONDITION, sentence, () -> pool.openBackend(ID, OpenOptions.READ_WRITE));
    }

    @Test
    void limitsAreTheVolumes() {
        try (var backend = pool.openBackend(ID, new OpenOptions(false, true))) {
            BlockLimits limits = backend.limits();

            assertThat(limits.sizeBytes()).isEqualTo(MIB);
            assertThat(limits.logicalBytes()).isEqualTo(pool.info().logicalBlockBytes());
            assertThat(limits.physicalBytes()).isGreaterThanOrEqualTo(4096);
            assertThat(limits.volatileCache()).isTrue();
            assertThat(limits.discard()).as("asked to offer none").isFalse();
            assertThat(limits.needsData()).isFalse();
        }
    }

    @Test
    void readOnlyIsReadOnly() {
        try (var backend = pool.openBackend(ID, new OpenOptions(true, false))) {
            assertThat(backend.limits().readOnly()).isTrue();
        }
    }

    @Test
    void askedBlockIsKept() {
        pool.createVolume(new VolumeRequest("big-blocks", MIB, Provisioning.THIN, 4096, null), VolumeUse.UNUSED);
        try (var backend = pool.openBackend("big-blocks", OpenOptions.READ_WRITE)) {
            assertThat(backend.limits().logicalBytes()).isEqualTo(4096);
        }
    }

    @Test
    void oneUserAtATime() {
        try (var backend = pool.openBackend(ID, OpenOptions.READ_WRITE)) {
            assertThat(backend).isNotNull();
            assertNotOpened("is in use");
        }
        pool.openBackend(ID, OpenOptions.READ_WRITE).close();
    }

    @Test
    void unknownVolume() {
        assertRefused(
                Kind.NOT_FOUND, "there is no volume other", () -> pool.openBackend("other", OpenOptions.READ_WRITE));
    }

    @Test
    void missingImage() throws IOException {
        Files.delete(folder.image(ID));

        assertNotOpened("is missing although its record is there");
    }

    @Test
    void directory() throws IOException {
        Files.delete(folder.image(ID));
        Files.createDirectory(folder.image(ID));

        assertNotOpened("is a directory");
    }

    @Test
    void symbolicLink() throws IOException {
        Files.move(folder.image(ID), folder.path().resolve("elsewhere"));
        Files.createSymbolicLink(folder.image(ID), folder.path().resolve("elsewhere"));

        assertNotOpened("is a symbolic link");
    }

    @Test
    void hardLink() throws IOException {
        Files.createLink(folder.path().resolve("second-name"), folder.image(ID));

        assertNotOpened("has 2 hard links");
    }

    @Test
    void device() throws IOException {
        Files.delete(folder.image(ID));
        assertThat(Linux.mknod(folder.image(ID).toString(), 0x1000 | 0600, 0))
                .as("mkfifo")
                .isZero();

        assertNotOpened("regular file");
    }

    @Test
    void cutOffImage() throws IOException {
        try (RandomAccessFile image = new RandomAccessFile(folder.image(ID).toFile(), "rw")) {
            image.setLength(MIB / 2);
        }

        assertNotOpened("data is missing at its end");
    }

    @Test
    void lengthBetweenTwoBlocks() throws IOException {
        try (RandomAccessFile image = new RandomAccessFile(folder.image(ID).toFile(), "rw")) {
            image.setLength(MIB + 100);
        }

        assertNotOpened("no multiple of its block");
    }

    @Test
    void imageWithoutARecord() throws IOException {
        Files.createFile(folder.image("stray"));

        assertRefused(
                Kind.FAILED_PRECONDITION,
                "is an image without a record",
                () -> pool.openBackend("stray", OpenOptions.READ_WRITE));
        assertRefused(
                Kind.FAILED_PRECONDITION,
                "is an image without a record",
                () -> pool.createVolume(new VolumeRequest("stray", MIB, Provisioning.THIN, 0, null), VolumeUse.UNUSED));
        assertThat(folder.image("stray")).exists();
    }

    @Test
    void recordOfANewerEngine() throws IOException {
        String record = Files.readString(folder.record(ID)).replace("\"formatVersion\": 1", "\"formatVersion\": 2");
        Files.writeString(folder.record(ID), record);
        pool.close();

        pool = folder.open();

        assertNotOpened("run the newer engine that wrote it");
        assertThat(pool.info().problem()).contains("format version 2");
    }

    @Test
    void damagedRecord() throws IOException {
        Files.writeString(folder.record(ID), "{ not json");
        pool.close();

        pool = folder.open();

        assertNotOpened("is damaged");
        assertThat(folder.image(ID)).as("the data is left alone").exists();
    }
}
