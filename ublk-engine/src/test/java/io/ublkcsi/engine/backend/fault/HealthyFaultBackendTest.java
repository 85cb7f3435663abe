package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.backend.memory.MemoryBackend;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.UringSyscalls;

/** A faulty volume without faults is a volume. */
class HealthyFaultBackendTest extends BackendContractTest {
    @Override
    protected UringSyscalls kernel() {
        return new SimulatedUring(1, SimulatedFaults.NONE);
    }

    @Override
    protected Backend backend() {
        return new FaultBackend(FaultSpec.NONE, new MemoryBackend(SIZE_BYTES, 512));
    }
}
