package io.ublkcsi.engine.frontend.vduse;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.uring.SimulatedFaults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The queue code between a simulated driver and a simulated disk, with each pair of ring features. */
class VduseQueueTest {
    private static final long REQUESTS = 10_000;
    private static final long SOME_REQUESTS = 4_000;
    /** A server lives no longer than that. */
    private static final int STEPS = 500;

    private static final int MIN_KILLS = 5;

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void everyRequestEndsOnceWithTheRightData(boolean eventIndex, boolean indirect) {
        try (QueueSimulation simulation = simulation(SimulatedFaults.USUAL, eventIndex, indirect, REQUESTS)) {
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isZero();
            assertThat(simulation.memory().mapped()).isZero();
            if (eventIndex) {
                assertThat(simulation.driver().kicks()).isLessThan((int) REQUESTS);
                assertThat(simulation.driver().interrupts()).isLessThan((int) REQUESTS);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true,true", "false,false"})
    void aFailingDiskFailsItsRequestsAndNoOthers(boolean eventIndex, boolean indirect) {
        try (QueueSimulation simulation = simulation(SimulatedFaults.HARSH, eventIndex, indirect, REQUESTS)) {
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isBetween(REQUESTS / 500, REQUESTS / 20);
        }
    }

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true"})
    void aServerThatDiesIsFollowedByOneThatDoesWhatItLeft(boolean eventIndex, boolean indirect) {
        try (QueueSimulation simulation = simulation(SimulatedFaults.USUAL, eventIndex, indirect, REQUESTS)) {
            SeededRandom random = new SeededRandom(SeededRandom.freshSeed());
            long[] stepsLeft = {0};
            simulation.kernel().addActor(() -> {
                if (--stepsLeft[0] == 0) {
                    throw new Killed();
                }
                return false;
            });
            int kills = 0;
            stepsLeft[0] = 1 + random.below(STEPS);
            while (isKilled(simulation)) {
                kills++;
                stepsLeft[0] = 1 + random.below(STEPS);
            }
            assertThat(kills).isGreaterThan(MIN_KILLS);
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"true,true", "false,false"})
    void aServerThatHandsOverLeavesTheRestToTheNext(boolean eventIndex, boolean indirect) {
        try (QueueSimulation simulation = simulation(SimulatedFaults.USUAL, eventIndex, indirect, SOME_REQUESTS)) {
            SeededRandom random = new SeededRandom(SeededRandom.freshSeed());
            int servers = 0;
            for (; simulation.users().ended() < SOME_REQUESTS; servers++) {
                long[] stepsLeft = {1 + random.below(STEPS)};
                simulation.kernel().addActor(() -> {
                    if (--stepsLeft[0] == 0) {
                        simulation.handOver();
                    }
                    return false;
                });
                simulation.run();
            }
            assertThat(servers).isGreaterThan(2);
            assertThat(simulation.users().failed()).isZero();
        }
    }

    @Test
    void whatWaitsWhileTheQueueIsHeldGoesOnAfterwards() {
        try (QueueSimulation simulation = simulation(SimulatedFaults.USUAL, true, true, SOME_REQUESTS)) {
            long[] steps = {0};
            simulation.kernel().addActor(() -> {
                if (++steps[0] % STEPS == 0) {
                    simulation.hold(true);
                    simulation.hold(false);
                }
                return false;
            });
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(SOME_REQUESTS);
            assertThat(simulation.users().failed()).isZero();
        }
    }

    /** Whether the server died; false when it served to the end. */
    private static boolean isKilled(QueueSimulation simulation) {
        try {
            simulation.run();
            return false;
        } catch (AssertionError failure) {
            assertThat(failure).hasCauseInstanceOf(Killed.class);
            return true;
        }
    }

    private static QueueSimulation simulation(
            SimulatedFaults faults, boolean eventIndex, boolean indirect, long count) {
        return new QueueSimulation(SeededRandom.freshSeed(), faults, eventIndex, indirect, count);
    }

    /** Ends a server in the middle of whatever it does. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
