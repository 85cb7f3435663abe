package io.ublkcsi.engine.backend.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.SimulatedDisk;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The file backend on a simulated kernel that does half of what it is asked, and a disk whose power can be cut. */
class SimulatedFileBackendTest extends BackendContractTest {
    private static final SimulatedFaults SHORT = new SimulatedFaults(300, 300, 0, 20, 20, 20, false);

    private final SimulatedUring kernel = new SimulatedUring(SeededRandom.freshSeed(), SHORT);
    private final SimulatedDisk disk = new SimulatedDisk(kernel, SIZE_BYTES, 512);

    @Override
    protected UringSyscalls kernel() {
        return kernel;
    }

    @Override
    protected Backend backend() {
        BlockLimits limits = new BlockLimits(SIZE_BYTES, 512, 4096, 0, 512, 0, false, true, true, true, false, false);
        return new FileBackend(new FileImage(kernel.addFile(disk), false, () -> null), limits);
    }

    @Override
    protected void cutPower() {
        disk.crash(512, 0);
    }

    @Override
    protected long allocatedBytes() {
        return disk.allocatedBytes();
    }

    @Test
    void aFlushIsOneSync() {
        rig.flush();
        assertThat(disk.syncs()).isEqualTo(1);
    }

    @Test
    void anErrorOfTheFileReachesItsRequestsOnly() {
        disk.fail(1 << 20, 1 << 21, Errno.ENOSPC);
        assertThat(rig.run(4, BlockOperation.WRITE, 0, 1 << 20, 4096)).isEqualTo(-Errno.ENOSPC);
        assertThat(rig.run(4, BlockOperation.DISCARD, 0, 1 << 20, 4096)).isEqualTo(-Errno.ENOSPC);
        assertThat(rig.run(4, BlockOperation.WRITE, 0, 0, 4096)).isEqualTo(4096);
    }

    @Test
    void aFailedSyncFailsTheFlush() {
        disk.fail(0, SIZE_BYTES, Errno.EIO);
        assertThat(rig.run(4, BlockOperation.FLUSH, 0, 0, 0)).isEqualTo(-Errno.EIO);
    }

    @Test
    void aForcedWriteThatFailsIsNotAcknowledged() {
        disk.fail(0, 4096, Errno.EIO);
        assertThat(rig.run(4, BlockOperation.WRITE, Requests.FUA, 0, 4096)).isEqualTo(-Errno.EIO);
    }

    @Test
    void withoutACallForZeroesTheyAreWritten() {
        disk.forgetZeroRange();
        zeroedBlocksAreZeroAndTheirNeighboursAreNotAgain();
    }

    private void zeroedBlocksAreZeroAndTheirNeighboursAreNotAgain() {
        byte[] bytes = random(1 << 16, 9);
        rig.write(0, bytes, 0);
        int result = rig.run(3, BlockOperation.WRITE_ZEROES, Requests.NO_UNMAP | Requests.FUA, 512, 50_176);
        assertThat(result).isZero();
        Arrays.fill(bytes, 512, 512 + 50_176, (byte) 0);
        rig.flush();
        disk.crash(512, 0);
        assertThat(rig.read(0, bytes.length)).isEqualTo(bytes);
    }
}
