package io.ublkcsi.engine.frontend.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.uring.SimulatedFaults;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Five million requests drain exactly: each ends once, with the right data, and nothing is left over. */
class FiveMillionRequestsTest {
    private static final long REQUESTS = 5_000_000;
    private static final RequestMix SMALL = new RequestMix(450, 2, 2, 10, 2, 64);

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void drainExactly() {
        long seed = SeededRandom.freshSeed();
        long each = REQUESTS / DataPath.values().length;
        for (DataPath path : DataPath.values()) {
            try (QueueSimulation simulation = new QueueSimulation(seed, path, SimulatedFaults.USUAL, SMALL, each)) {
                simulation.run();
                assertThat(simulation.users().ended()).isEqualTo(each);
                assertThat(simulation.users().failed()).isZero();
                assertThat(simulation.device().withServer()).isZero();
            }
        }
    }
}
