package io.ublkcsi.engine.backend.none;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.backend.BackendContractTest;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.UringSyscalls;
import org.junit.jupiter.api.Test;

/** The contract, but for the content: there is none. */
class NoneBackendTest extends BackendContractTest {
    @Override
    protected UringSyscalls kernel() {
        return new SimulatedUring(1, SimulatedFaults.NONE);
    }

    @Override
    protected Backend backend() {
        return new NoneBackend(SIZE_BYTES, 512);
    }

    @Override
    protected boolean keepsContent() {
        return false;
    }

    @Test
    void requestsNeedNoMemoryOfOurs() {
        assertThat(limits.needsData()).isFalse();
    }
}
