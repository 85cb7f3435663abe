package io.ublkcsi.engine.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UringSyscalls;
import io.ublkcsi.engine.uring.UserData;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every backend does, whatever keeps its bytes. A backend's own test extends this one and says how to make it. */
public abstract class BackendContractTest {
    protected static final long SIZE_BYTES = 1 << 22;
    private static final int MANY = 400;

    protected BackendRig rig;
    protected BlockLimits limits;
    private int block;

    /** The kernel under the ring. Called before {@link #backend}. */
    protected abstract UringSyscalls kernel() throws Exception;

    /** A volume of {@link #SIZE_BYTES}, all zeroes. */
    protected abstract Backend backend() throws Exception;

    /** Whether what was written can be read back. */
    protected boolean keepsContent() {
        return true;
    }

    /** Cuts the power, where the storage can do that; afterwards only what is durable is left. */
    protected void cutPower() {}

    /** Bytes that the volume takes up now; -1: there is no telling. */
    protected long allocatedBytes() {
        return -1;
    }

    @BeforeEach
    void open() throws Exception {
        UringSyscalls kernel = kernel();
        Backend backend = backend();
        limits = backend.limits();
        block = limits.logicalBytes();
        rig = new BackendRig(kernel, backend);
    }

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    protected static byte[] random(int length, long seed) {
        SeededRandom random = new SeededRandom(seed);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.next();
        }
        return bytes;
    }

    private void assertContent(long offset, byte[] expected) {
        byte[] found = rig.read(offset, expected.length);
        if (keepsContent()) {
            assertThat(Arrays.mismatch(found, expected))
                    .as("first byte that differs from %d on", offset)
                    .isEqualTo(-1);
        }
    }

    @Test
    void sizesFitTogether() {
        assertThat(limits.sizeBytes()).isEqualTo(SIZE_BYTES);
        assertThat(limits.logicalBytes()).isBetween(BlockLimits.MIN_BLOCK_BYTES, limits.physicalBytes());
        assertThat(limits.maxTransferBytes()).isNotNegative();
        assertThat(limits.readOnly()).isFalse();
    }

    @Test
    void aNewVolumeIsZero() {
        assertContent(0, new byte[1 << 16]);
        assertContent(SIZE_BYTES - block, new byte[block]);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        int[] lengths = {block, 3 * block, 1 << 16, BackendRig.BUFFER_BYTES};
        for (int length : lengths) {
            for (long offset : new long[] {0, 7L * block, SIZE_BYTES - length}) {
                byte[] bytes = random(length, offset + length);
                rig.write(offset, bytes, 0);
                assertContent(offset, bytes);
            }
        }
    }

    @Test
    void aWriteLeavesItsNeighboursAlone() {
        byte[] around = random(5 * block, 1);
        byte[] inside = random(block, 2);
        rig.write(10L * block, around, 0);
        rig.write(12L * block, inside, 0);
        System.arraycopy(inside, 0, around, 2 * block, block);
        assertContent(10L * block, around);
    }

    @Test
    void manyRequestsAtOnceEndOnceEach() {
        for (int tag = 0; tag < BackendRig.DEPTH; tag++) {
            rig.fill(tag, random(2 * block, tag));
            rig.start(tag, BlockOperation.WRITE, 0, 2L * block * tag, 2 * block);
        }
        for (int tag = BackendRig.DEPTH - 1; tag >= 0; tag--) {
            assertThat(rig.await(tag)).isEqualTo(2 * block);
        }
        assertThat(rig.isIdle()).isTrue();
        for (int tag = 0; tag < BackendRig.DEPTH; tag++) {
            assertContent(2L * block * tag, random(2 * block, tag));
        }
    }

    @Test
    void whatWasFlushedSurvivesAPowerCut() {
        byte[] first = random(4 * block, 1);
        byte[] second = random(4 * block, 2);
        rig.write(0, first, 0);
        rig.write(1 << 20, second, 0);
        rig.flush();
        cutPower();
        assertContent(0, first);
        assertContent(1 << 20, second);
    }

    @Test
    void aForcedWriteSurvivesAPowerCut() {
        byte[] bytes = random(4 * block, 3);
        rig.write(8L * block, bytes, Requests.FUA);
        assertContent(8L * block, bytes);
        cutPower();
        assertContent(8L * block, bytes);
    }

    @Test
    void discardedBlocksAreZeroAndFree() {
        assertThat(limits.discard()).isTrue();
        int length = 1 << 16;
        byte[] bytes = random(length, 4);
        rig.write(0, bytes, 0);
        rig.write(length, bytes, 0);
        long before = allocatedBytes();
        assertThat(rig.run(3, BlockOperation.DISCARD, 0, 0, length)).isZero();
        assertContent(0, new byte[length]);
        assertContent(length, bytes);
        assertThat(allocatedBytes()).isEqualTo(before < 0 ? before : before - length);
    }

    @Test
    void zeroedBlocksAreZeroAndTheirNeighboursAreNot() {
        assertThat(limits.writeZeroes()).isTrue();
        for (int flags : new int[] {0, Requests.NO_UNMAP, Requests.FUA, Requests.NO_UNMAP | Requests.FUA}) {
            byte[] bytes = random(1 << 16, flags);
            rig.write(0, bytes, 0);
            assertThat(rig.run(3, BlockOperation.WRITE_ZEROES, flags, 3L * block, 17 * block))
                    .isZero();
            Arrays.fill(bytes, 3 * block, 20 * block, (byte) 0);
            assertContent(0, bytes);
        }
    }

    @Test
    void zeroesThatKeepTheirBlocksFreeNothing() {
        rig.write(0, random(1 << 16, 5), 0);
        long before = allocatedBytes();
        assertThat(rig.run(3, BlockOperation.WRITE_ZEROES, Requests.NO_UNMAP, 0, 1 << 16))
                .isZero();
        assertThat(allocatedBytes()).isEqualTo(before);
    }

    @Test
    void whatIsOutsideOfTheVolumeIsRefused() {
        byte[] last = random(block, 6);
        rig.write(SIZE_BYTES - block, last, 0);
        int[] operations = {
            BlockOperation.READ, BlockOperation.WRITE, BlockOperation.DISCARD, BlockOperation.WRITE_ZEROES
        };
        for (int operation : operations) {
            assertThat(rig.run(4, operation, 0, SIZE_BYTES, block)).isNegative();
            assertThat(rig.run(4, operation, 0, SIZE_BYTES - block, 2 * block)).isNegative();
            assertThat(rig.run(4, operation, 0, Long.MAX_VALUE - block + 1, block))
                    .isNegative();
        }
        assertContent(SIZE_BYTES - block, last);
    }

    @Test
    void aRequestOfOneEntryTakesPartInAChain() {
        rig.fill(5, random(block, 7));
        rig.prepare(5, BlockOperation.WRITE, 0, 0, block);
        boolean single = rig.queue().isSingleEntry(5);
        rig.submit(5, single ? Sqe.IO_LINK | Sqe.CQE_SKIP_SUCCESS : 0);
        rig.ring().prepare(Sqe.NOP, 0, 0, 0, 0, 0, 0, 0, UserData.encode(0, UserData.AGENT, 0, 0));
        while (rig.othersEnded() == 0) {
            rig.turn();
        }
        assertThat(rig.hasEnded(5)).as("the backend hears of a success").isNotEqualTo(single);
        assertContent(0, random(block, 7));
    }

    @Test
    void dataMayBeInSeveralPieces() {
        int[] blocks = {1, 3, 1, 7, 2};
        byte[] bytes = random(14 * block, 8);
        rig.fill(6, bytes);
        rig.prepare(6, BlockOperation.WRITE, 0, 5L * block, 14 * block);
        rig.scatter(6, blocks, block);
        rig.submit(6, 0);
        assertThat(rig.await(6)).isEqualTo(14 * block);
        assertContent(5L * block, rig.gathered(bytes, blocks, block));
        rig.prepare(7, BlockOperation.READ, 0, 5L * block, 14 * block);
        rig.scatter(7, blocks, block);
        rig.submit(7, 0);
        assertThat(rig.await(7)).isEqualTo(14 * block);
        assertThat(!keepsContent() || Arrays.equals(rig.bytes(7, 14 * block), bytes))
                .isTrue();
    }

    @Test
    void flushAndSpaceStayOutOfChains() {
        int[] operations = {BlockOperation.FLUSH, BlockOperation.DISCARD, BlockOperation.WRITE_ZEROES};
        for (int tag = 0; tag < operations.length; tag++) {
            rig.prepare(tag, operations[tag], 0, 0, operations[tag] == BlockOperation.FLUSH ? 0 : block);
            assertThat(rig.queue().isSingleEntry(tag))
                    .as("in a chain, nobody hears of a failed %s", BlockOperation.name(operations[tag]))
                    .isFalse();
        }
    }

    @Test
    void aLongMixOfRequestsLeavesWhatItShould() {
        long seed = SeededRandom.freshSeed();
        SeededRandom random = new SeededRandom(seed);
        byte[] model = new byte[1 << 17];
        for (int i = 0; i < MANY; i++) {
            int length = block * (1 + random.below(8));
            int offset = block * random.below((model.length - length) / block + 1);
            int operation = random.below(BlockOperation.COUNT);
            apply(operation, random.next(), model, offset, length, seed);
        }
        assertContent(0, model);
    }

    private void apply(int operation, long draw, byte[] model, int offset, int length, long seed) {
        int flags = draw % 3 == 0 ? Requests.FUA : 0;
        switch (operation) {
            case BlockOperation.READ -> {
                byte[] found = rig.read(offset, length);
                assertThat(!keepsContent() || Arrays.equals(found, 0, length, model, offset, offset + length))
                        .as(SeededRandom.replay(seed))
                        .isTrue();
            }
            case BlockOperation.WRITE -> {
                byte[] bytes = random(length, draw);
                rig.write(offset, bytes, flags);
                System.arraycopy(bytes, 0, model, offset, length);
            }
            case BlockOperation.FLUSH -> rig.flush();
            default -> {
                assertThat(rig.run(3, operation, 0, offset, length)).isZero();
                Arrays.fill(model, offset, offset + length, (byte) 0);
            }
        }
    }
}
