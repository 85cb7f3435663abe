package io.ublkcsi.engine.backend.memory;

import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.UringSyscalls;

class MemoryBackendTest extends BackendContractTest {
    @Override
    protected UringSyscalls kernel() {
        return new SimulatedUring(1, SimulatedFaults.NONE);
    }

    @Override
    protected Backend backend() {
        return new MemoryBackend(SIZE_BYTES, 512);
    }
}
