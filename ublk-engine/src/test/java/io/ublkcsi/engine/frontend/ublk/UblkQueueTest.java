package io.ublkcsi.engine.frontend.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.uring.SimulatedFaults;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The queue code between a simulated device and a simulated disk, on each data path. */
class UblkQueueTest {
    private static final long REQUESTS = 20_000;
    private static final int SMALL = 2_000;

    @ParameterizedTest
    @EnumSource(DataPath.class)
    void everyRequestEndsOnceWithTheRightData(DataPath path) {
        try (QueueSimulation simulation = simulation(path, SimulatedFaults.USUAL, RequestMix.USUAL, REQUESTS)) {
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isZero();
            assertThat(simulation.device().isReleased()).isTrue();
            assertThat(simulation.disk().isReleased()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(DataPath.class)
    void aFailingDiskFailsItsRequestsAndNoOthers(DataPath path) {
        try (QueueSimulation simulation = simulation(path, SimulatedFaults.HARSH, RequestMix.CAREFUL, REQUESTS)) {
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isBetween(REQUESTS / 500, REQUESTS / 20);
        }
    }

    /** Each goes out as a chain, and most chains of a failing disk break. */
    @ParameterizedTest
    @EnumSource(DataPath.class)
    void requestsThatComeAloneFailByThemselvesToo(DataPath path) {
        try (QueueSimulation simulation = simulation(path, SimulatedFaults.HARSH, RequestMix.CAREFUL, REQUESTS)) {
            simulation.users().atOnce(1);
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isBetween(REQUESTS / 500, REQUESTS / 20);
        }
    }

    @ParameterizedTest
    @EnumSource(DataPath.class)
    void whatWasFlushedSurvivesThePowerCut(DataPath path) {
        for (int cut = 1; cut <= 5; cut++) {
            try (QueueSimulation simulation =
                    simulation(path, SimulatedFaults.HARSH, RequestMix.CAREFUL, Long.MAX_VALUE)) {
                long end = (long) cut * SMALL;
                simulation.kernel().addActor(() -> {
                    if (simulation.users().ended() > end) {
                        throw new PowerCut();
                    }
                    return false;
                });
                assertThatThrownBy(simulation::run).hasCauseInstanceOf(PowerCut.class);
                simulation.disk().crash(cut % 2 == 0 ? 512 : 4096, 250 * (cut - 1));
                simulation.model().checkDurable(simulation.disk().content().address());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN_COPY", "USER_COPY"})
    void aKernelThatReadsLinkedCommandsLateIsGivenNone(DataPath path) {
        try (QueueSimulation simulation = simulation(path, SimulatedFaults.USUAL, RequestMix.USUAL, REQUESTS)) {
            simulation.onOldKernel();
            simulation.run();
            assertThat(simulation.users().ended()).isEqualTo(REQUESTS);
            assertThat(simulation.users().failed()).isZero();
        }
    }

    private static QueueSimulation simulation(DataPath path, SimulatedFaults faults, RequestMix mix, long count) {
        return new QueueSimulation(SeededRandom.freshSeed(), path, faults, mix, count);
    }

    /** Ends a simulation in the middle of whatever it does. */
    private static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
