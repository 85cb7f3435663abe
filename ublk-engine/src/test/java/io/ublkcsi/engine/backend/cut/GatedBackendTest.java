package io.ublkcsi.engine.backend.cut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.backend.file.FileBackend;
import io.ublkcsi.engine.backend.file.FileImage;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.uring.SimulatedDisk;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.UringSyscalls;
import org.junit.jupiter.api.Test;

/** A volume behind an open gate is as any other; behind a shut one, changes wait for the copy and reads don't. */
class GatedBackendTest extends BackendContractTest {
    private static final int CHUNK = CutMap.CHUNK_BYTES;

    private final SimulatedUring kernel = new SimulatedUring(SeededRandom.freshSeed(), SimulatedFaults.NONE);
    private final SimulatedDisk disk = new SimulatedDisk(kernel, SIZE_BYTES, 512);
    private final CutGate gate = new CutGate();

    @Override
    protected UringSyscalls kernel() {
        return kernel;
    }

    @Override
    protected Backend backend() {
        BlockLimits limits = new BlockLimits(SIZE_BYTES, 512, 4096, 0, 512, 0, false, true, true, true, false, false);
        return gate.serve(() -> new FileBackend(new FileImage(kernel.addFile(disk), false, () -> null), limits));
    }

    @Override
    protected void cutPower() {
        disk.crash(512, 0);
    }

    private CutMap cut() {
        CutMap copy = new CutMap(SIZE_BYTES);
        gate.cut(copy, () -> {
            throw new AssertionError("the volume is served");
        });
        return copy;
    }

    private void turns(int count) {
        for (int i = 0; i < count; i++) {
            rig.turn();
        }
    }

    @Test
    void aChangeWaitsForWhatItChanges() {
        for (int operation : new int[] {BlockOperation.WRITE, BlockOperation.DISCARD, BlockOperation.WRITE_ZEROES}) {
            CutMap copy = cut();
            rig.start(3, operation, 0, 5L * CHUNK - 4096, 8192);
            turns(5);
            assertThat(rig.hasEnded(3)).isFalse();
            int first = copy.next();
            int second = copy.next();
            assertThat(new int[] {first, second}).containsExactlyInAnyOrder(4, 5);
            copy.mark(4);
            turns(5);
            assertThat(rig.hasEnded(3)).isFalse();
            copy.mark(5);
            assertThat(rig.await(3)).isNotNegative();
            gate.end(copy);
        }
    }

    @Test
    void readsAndFlushesDoNotWait() {
        rig.write(0, random(4096, 1), 0);
        cut();
        assertThat(rig.read(0, 4096)).isEqualTo(random(4096, 1));
        rig.flush();
    }

    @Test
    void aChangeWaitsForEveryCopy() {
        CutMap older = cut();
        CutMap newer = cut();
        rig.start(3, BlockOperation.WRITE, 0, 0, 4096);
        older.mark(0);
        turns(3);
        assertThat(rig.hasEnded(3)).isFalse();
        newer.mark(0);
        assertThat(rig.await(3)).isEqualTo(4096);
    }

    @Test
    void nobodyWaitsForACopyThatWasGivenUp() {
        CutMap copy = cut();
        rig.start(3, BlockOperation.WRITE, 0, 0, 4096);
        turns(2);
        gate.end(copy);
        assertThat(rig.await(3)).isEqualTo(4096);
    }

    @Test
    void whatIsBehindTheCopysEndMayChange() {
        CutMap copy = new CutMap(CHUNK);
        gate.cut(copy, () -> {});
        rig.write(CHUNK, random(4096, 1), 0);
        assertThat(copy.next()).isZero();
    }

    @Test
    void aChangeThatWaitsStaysOutOfChains() {
        cut();
        rig.prepare(3, BlockOperation.WRITE, 0, 0, 4096);
        assertThat(rig.queue().isSingleEntry(3)).isFalse();
        rig.prepare(4, BlockOperation.READ, 0, 0, 4096);
        assertThat(rig.queue().isSingleEntry(4)).isTrue();
    }

    @Test
    void aVolumeThatNobodyServesIsLookedAtFirst() {
        rig.close();
        CutMap copy = new CutMap(SIZE_BYTES);
        assertThatThrownBy(() -> gate.cut(copy, () -> {
                    throw new IllegalStateException("somebody else has it");
                }))
                .hasMessage("somebody else has it");
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void everyChunkIsCopiedOnce() {
        CutMap copy = new CutMap(3L * CHUNK + 512);
        assertThat(copy.chunks()).isEqualTo(4);
        assertThat(copy.endOf(3)).isEqualTo(3L * CHUNK + 512);
        assertThat(copy.admits(2L * CHUNK, 512)).isFalse();
        int[] order = new int[4];
        for (int i = 0; i < 4; i++) {
            order[i] = copy.next();
            copy.mark(order[i]);
            assertThat(copy.progressPercent()).isEqualTo(25 * (i + 1));
        }
        assertThat(order).containsExactly(2, 0, 1, 3);
        assertThat(copy.next()).isEqualTo(CutMap.NONE);
        assertThat(copy.admits(0, 4L * CHUNK)).isTrue();
    }

    @Test
    void moreWishesThanAreKeptAreAskedForAgain() {
        CutMap copy = new CutMap(1000L * CHUNK);
        int copied = 0;
        while (!copy.admits(0, 1000L * CHUNK)) {
            copy.mark(copy.next());
            copied++;
        }
        assertThat(copied).isEqualTo(1000);
    }
}
