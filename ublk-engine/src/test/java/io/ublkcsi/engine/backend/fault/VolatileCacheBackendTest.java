package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.backend.BackendRig;
import io.ublkcsi.engine.backend.file.FileBackend;
import io.ublkcsi.engine.backend.file.FileImage;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.uring.SimulatedDisk;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.UringSyscalls;

/** A volatile cache over a file keeps the contract too: what is lost unless flushed is there when flushed. */
class VolatileCacheBackendTest extends BackendContractTest {
    private final SimulatedUring kernel = new SimulatedUring(SeededRandom.freshSeed(), SimulatedFaults.USUAL);
    private final SimulatedDisk disk = new SimulatedDisk(kernel, SIZE_BYTES, 512);

    @Override
    protected UringSyscalls kernel() {
        return kernel;
    }

    @Override
    protected Backend backend() {
        return new FaultBackend(FaultSpec.parse("lost-unless-flushed"), file());
    }

    private Backend file() {
        BlockLimits limits = new BlockLimits(SIZE_BYTES, 512, 4096, 0, 512, 0, false, true, true, true, false, false);
        return new FileBackend(new FileImage(kernel.addFile(disk), false, () -> null), limits);
    }

    /** The cache goes, the file loses what is not durable, and the file is all that a new process finds. */
    @Override
    protected void cutPower() {
        rig.close();
        disk.crash(512, 0);
        rig = new BackendRig(kernel, file());
    }
}
