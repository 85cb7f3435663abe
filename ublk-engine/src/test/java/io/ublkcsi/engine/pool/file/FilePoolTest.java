package io.ublkcsi.engine.pool.file;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.DataPresence;
import io.ublkcsi.engine.pool.OpenOptions;
import io.ublkcsi.engine.pool.PoolInfo;
import io.ublkcsi.engine.pool.Provisioning;
import io.ublkcsi.engine.pool.VolumeInfo;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeState;
import io.ublkcsi.engine.pool.VolumeUse;
import io.ublkcsi.engine.sys.FileStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes of a file pool: made, grown, found again, deleted, refused. */
class FilePoolTest {
    private static final long MIB = 1 << 20;

    private final PoolFolderFixture folder = new PoolFolderFixture();
    private FilePool pool;

    @BeforeEach
    void open() {
        pool = folder.open();
    }

    @AfterEach
    void close() {
        pool.close();
        folder.close();
    }

    private VolumeInfo create(String id, long size) {
        return pool.createVolume(thin(id, size), VolumeUse.UNUSED);
    }

    private static VolumeRequest thin(String id, long size) {
        return new VolumeRequest(id, size, Provisioning.THIN, 0, null);
    }

    @Test
    void thinVolumeIsASparseFileOfItsSizeWithARecord() throws IOException {
        VolumeInfo made = create("data-1", 8 * MIB);

        assertThat(made.state()).isEqualTo(VolumeState.READY);
        assertThat(made.progressPercent()).isEqualTo(100);
        assertThat(made.sizeBytes()).isEqualTo(8 * MIB);
        assertThat(made.allocatedBytes()).isZero();
        assertThat(Files.size(folder.image("data-1"))).isEqualTo(8 * MIB);
        assertThat(Files.readString(folder.record("data-1")))
                .contains("\"formatVersion\": 1", "\"state\": \"READY\"", "\"sizeBytes\": " + 8 * MIB);
    }

    @Test
    void preallocatedVolumeHasItsBlocksFromTheStart() {
        VolumeInfo made = pool.createVolume(
                new VolumeRequest("p", 4 * MIB, Provisioning.PREALLOCATED, 0, null), VolumeUse.UNUSED);

        assertThat(made.allocatedBytes()).isGreaterThanOrEqualTo(4 * MIB);
        try (var backend = pool.openBackend("p", OpenOptions.READ_WRITE)) {
            assertThat(backend.limits().discard()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(Provisioning.class)
    void knowsWhetherAVolumeWasEverWrittenTo(Provisioning provisioning) throws IOException {
        pool.createVolume(new VolumeRequest("v", 4 * MIB, provisioning, 0, null), VolumeUse.UNUSED);
        assertThat(pool.data("v")).isEqualTo(DataPresence.NONE);

        try (FileChannel image = FileChannel.open(folder.image("v"), StandardOpenOption.WRITE)) {
            image.write(ByteBuffer.wrap(new byte[] {1}), 3 * MIB);
        }
        assertThat(pool.data("v")).isEqualTo(DataPresence.SOME);
    }

    @Test
    void creatingAgainAnswersTheSame() {
        VolumeInfo first = create("data-1", MIB);

        assertThat(create("data-1", MIB)).isEqualTo(first);
    }

    @Test
    void creatingAgainWithOtherParametersIsRefused() {
        create("data-1", MIB);

        assertRefused(Kind.ALREADY_EXISTS, "exists with other parameters", () -> create("data-1", 2 * MIB));
        assertRefused(
                Kind.ALREADY_EXISTS,
                "THIN",
                () -> pool.createVolume(
                        new VolumeRequest("data-1", MIB, Provisioning.PREALLOCATED, 0, null), VolumeUse.UNUSED));
    }

    @Test
    void sizeHasToBeAMultipleOfTheBlock() {
        assertRefused(Kind.INVALID_ARGUMENT, "no multiple of its block", () -> create("data-1", MIB + 1));
        assertRefused(Kind.INVALID_ARGUMENT, "more than 0", () -> create("data-1", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "a..b", "../x", "a/b", "-a", ".hidden", "%2e%2e", "a\0b", "a b", "ä"})
    void idsCannotLeaveThePool(String id) {
        assertRefused(Kind.INVALID_ARGUMENT, "is not valid", () -> create(id, MIB));
        assertRefused(Kind.INVALID_ARGUMENT, "is not valid", () -> pool.volume(id));
        assertRefused(Kind.INVALID_ARGUMENT, "is not valid", () -> pool.deleteVolume(id));
        assertRefused(Kind.INVALID_ARGUMENT, "is not valid", () -> pool.openBackend(id, OpenOptions.READ_WRITE));
    }

    @Test
    void idsHaveALimit() {
        create("a".repeat(128), MIB);

        assertRefused(Kind.INVALID_ARGUMENT, "is not valid", () -> create("a".repeat(129), MIB));
    }

    @Test
    void deletedVolumeIsGoneAndCanBeDeletedAgain() {
        create("data-1", MIB);

        pool.deleteVolume("data-1");
        pool.deleteVolume("data-1");

        assertThat(folder.image("data-1")).doesNotExist();
        assertThat(folder.record("data-1")).doesNotExist();
        assertRefused(Kind.NOT_FOUND, "there is no volume data-1", () -> pool.volume("data-1"));
    }

    @Test
    void volumeInUseIsNotDeleted() {
        create("data-1", MIB);
        try (var backend = pool.openBackend("data-1", OpenOptions.READ_WRITE)) {
            assertThat(backend.limits().sizeBytes()).isEqualTo(MIB);
            assertRefused(Kind.FAILED_PRECONDITION, "is in use", () -> pool.deleteVolume("data-1"));
        }
        pool.deleteVolume("data-1");
    }

    @Test
    void volumeGrowsAndNeverShrinks() throws IOException {
        create("data-1", MIB);

        assertThat(pool.growVolume("data-1", 3 * MIB).sizeBytes()).isEqualTo(3 * MIB);
        assertThat(pool.growVolume("data-1", 2 * MIB).sizeBytes()).isEqualTo(3 * MIB);
        assertThat(Files.size(folder.image("data-1"))).isEqualTo(3 * MIB);
    }

    @Test
    void openVolumeLearnsThatItGrew() {
        create("data-1", MIB);
        try (var backend = pool.openBackend("data-1", OpenOptions.READ_WRITE)) {
            pool.growVolume("data-1", 3 * MIB);
            backend.refresh();

            assertThat(backend.limits().sizeBytes()).isEqualTo(3 * MIB);
        }
    }

    @Test
    void factsSurviveARestart() {
        create("data-1", MIB);
        create("data-2", 2 * MIB);
        pool.markFormatted("data-1", "ext4");
        pool.close();

        pool = folder.open();

        assertThat(pool.volumes()).extracting(VolumeInfo::id).containsExactly("data-1", "data-2");
        assertThat(pool.volume("data-1").formattedAs()).isEqualTo("ext4");
        assertThat(pool.volume("data-2").isFormatted()).isFalse();
    }

    @Test
    void reservationsAreTheSameAfterARestart() {
        create("data-1", 64 * MIB);
        long reserved = pool.info().reservedBytes();
        pool.close();

        pool = folder.open();

        assertThat(reserved).isEqualTo(64 * MIB);
        assertThat(pool.info().reservedBytes()).isEqualTo(reserved);
    }

    @Test
    void fullPoolSaysWhatItHas() {
        PoolInfo info = pool.info();
        long tooMuch = (info.availableBytes() / MIB + 64) * MIB;

        assertRefused(Kind.RESOURCE_EXHAUSTED, "are available (free ", () -> create("data-1", tooMuch));
        assertThat(pool.volumes()).isEmpty();
    }

    @Test
    void minFreeIsLeftAlone() {
        long free = pool.info().freeBytes();
        pool.close();

        pool = folder.open("minFree=" + 2 * free);

        assertThat(pool.info().availableBytes()).isZero();
        assertRefused(Kind.RESOURCE_EXHAUSTED, "kept free", () -> create("data-1", MIB));
    }

    @Test
    void anotherEngineIsKeptOut() {
        assertRefused(Kind.FAILED_PRECONDITION, "in use by another engine", folder::open);
    }

    @Test
    void missingFolderIsNamed() {
        assertRefused(
                Kind.FAILED_PRECONDITION,
                "mkdir -p",
                () -> FilePool.open(new FilePoolOptions("x", folder.path().resolve("nowhere"), 0, 1, true)));
    }

    @Test
    void aStandbyTriesTheFolderOfAPoolThatIsOpen() {
        FolderTraits known = FolderTraits.find(folder.path());
        boolean isSound = pool.traits().problem().isEmpty();
        assertThat(known == null ? null : known.traits()).isEqualTo(isSound ? pool.traits() : null);
        assertThat(folder.path().resolve(FilePool.VOLUMES)).isEmptyDirectory();
    }

    @Test
    void whatWasFoundOutOfAFolderIsNotTakenForAnother() {
        try (PoolFolder volumes = PoolFolder.open(folder.path().resolve(FilePool.VOLUMES));
                PoolFolder snapshots = PoolFolder.open(folder.path().resolve(FilePool.SNAPSHOTS))) {
            FileStatus status = FileStatus.of(volumes.fd());
            FolderTraits known =
                    new FolderTraits(status.deviceMajor(), status.deviceMinor(), status.inode(), pool.traits());
            assertThat(known.areOf(volumes)).isTrue();
            assertThat(known.areOf(snapshots)).isFalse();
        }
    }

    @Test
    void aFolderThatIsNotThereYetIsNotTriedAhead() {
        assertThat(FolderTraits.find(folder.path().resolve("later"))).isNull();
    }
}
