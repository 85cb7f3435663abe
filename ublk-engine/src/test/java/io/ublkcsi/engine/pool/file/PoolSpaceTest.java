package io.ublkcsi.engine.pool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import org.junit.jupiter.api.Test;

/** A pool's arithmetic, in round numbers. */
class PoolSpaceTest {
    private static final Origin ORIGIN = new Origin(Origin.Kind.VOLUME, "v");

    private static PoolSpace disk(long free, double overcommit) {
        return PoolSpace.of(1000, free, 100, overcommit);
    }

    private static ImageRecord thin(long size) {
        return ImageRecord.creating("v", size, Provisioning.THIN, 1, null, 0).withState(RecordState.READY);
    }

    private static ImageRecord preallocated(long size) {
        return ImageRecord.creating("p", size, Provisioning.PREALLOCATED, 1, null, 0)
                .withState(RecordState.READY);
    }

    @Test
    void emptyPoolOffersWhatIsFreeButMinFree() {
        assertThat(disk(600, 1).availableBytes()).isEqualTo(500);
        assertThat(disk(50, 1).availableBytes()).isZero();
    }

    @Test
    void thinVolumeIsPromisedItsSize() {
        PoolSpace space = disk(600, 1).promise(thin(200), 0, false);

        assertThat(space.reservedBytes()).isEqualTo(200);
        assertThat(space.availableBytes()).isEqualTo(300);
    }

    @Test
    void whatIsWrittenIsNotReservedTwice() {
        PoolSpace before = disk(600, 1).promise(thin(200), 0, false);
        PoolSpace after = disk(450, 1).promise(thin(200), 150, false);

        assertThat(after.reservedBytes()).isEqualTo(50);
        assertThat(after.availableBytes()).isEqualTo(before.availableBytes());
    }

    @Test
    void overcommitMultipliesWhatIsThere() {
        PoolSpace space = disk(600, 2).promise(thin(200), 0, false);

        assertThat(space.availableBytes()).isEqualTo(800);
        assertThat(space.availableNow()).as("half of it can be written at once").isEqualTo(400);
    }

    @Test
    void preallocatedVolumeOwesNothingOnceItHasItsBlocks() {
        PoolSpace space = disk(400, 2).promise(preallocated(200), 200, false);

        assertThat(space.reservedBytes()).isZero();
        assertThat(space.availableNow()).isEqualTo(300);
    }

    @Test
    void sharedSnapshotOfAPreallocatedVolumeOwesItAll() {
        ImageRecord snapshot = ImageRecord.creating("s", 200, Provisioning.PREALLOCATED, 1, ORIGIN, 200)
                .asShared()
                .withState(RecordState.READY);

        PoolSpace space = disk(400, 1).promise(preallocated(200), 200, false).promise(snapshot, 200, true);

        assertThat(space.reservedBytes()).isEqualTo(200);
        assertThat(space.availableNow()).isEqualTo(100);
    }

    @Test
    void sharedSnapshotIsPromisedWhatItHolds() {
        ImageRecord snapshot = ImageRecord.creating("s", 200, Provisioning.THIN, 1, ORIGIN, 50)
                .asShared()
                .withState(RecordState.READY);

        assertThat(disk(600, 1).promise(snapshot, 50, true).availableBytes()).isEqualTo(450);
    }

    @Test
    void copiedSnapshotPromisesNothingMore() {
        ImageRecord snapshot =
                ImageRecord.creating("s", 200, Provisioning.THIN, 1, ORIGIN, 50).withState(RecordState.READY);

        assertThat(disk(550, 1).promise(snapshot, 50, true).reservedBytes()).isZero();
    }

    @Test
    void failedImagesCountForNothing() {
        assertThat(disk(600, 1).promise(thin(200).failed("why"), 0, false).reservedBytes())
                .isZero();
    }

    @Test
    void minFreeHasAFloor() {
        assertThat(PoolSpace.defaultMinFree(20L << 30)).isEqualTo(10L << 30);
        assertThat(PoolSpace.defaultMinFree(1000L << 30)).isEqualTo(100L << 30);
    }
}
