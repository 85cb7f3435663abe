package io.ublkcsi.engine.frontend.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.uring.SimulatedFaults;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Five million requests drain exactly: each ends once, with the right data, and nothing is left over. */
@Order(1)
@Execution(ExecutionMode.CONCURRENT)
class FiveMillionRequestsTest {
    private static final long REQUESTS = 5_000_000 / DataPath.values().length;
    private static final RequestMix SMALL = new RequestMix(450, 2, 2, 10, 2, 64);

    @ParameterizedTest
    @EnumSource(DataPath.class)
    @Timeout(value = 300, unit = TimeUnit.SECONDS)
    void drainExactly(DataPath path) {
        long seed = SeededRandom.freshSeed();
        try (QueueSimulation simulation = new QueueSimulation(seed, path, SimulatedFaults.USUAL, SMALL, REQUESTS)) {
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isZero();
            assertThat(simulation.device().anyWithServer()).isFalse();
        }
    }
}
