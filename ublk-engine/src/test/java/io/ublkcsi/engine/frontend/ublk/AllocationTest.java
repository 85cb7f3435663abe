package io.ublkcsi.engine.frontend.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.uring.SimulatedFaults;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The queue thread allocates nothing for a request: memory reclaim may be waiting for that very request. */
class AllocationTest {
    private static final long WARM_UP = 30_000;
    private static final long MEASURED = 30_000;
    /** What a JVM's own housekeeping may put on a thread's account once; a byte a request would be more. */
    private static final long ALLOWED_BYTES = 4_096;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long atStart;
    private long atEnd;

    @ParameterizedTest
    @EnumSource(DataPath.class)
    void aRequestAllocatesNothing(DataPath path) {
        long seed = SeededRandom.freshSeed();
        try (QueueSimulation simulation =
                new QueueSimulation(seed, path, SimulatedFaults.USUAL, RequestMix.USUAL, WARM_UP + MEASURED + 1_000)) {
            simulation.kernel().addActor(() -> measure(simulation.users().ended()));
            simulation.run();
        }
        assertThat(atEnd - atStart).as("bytes for %d requests", MEASURED).isLessThan(ALLOWED_BYTES);
    }

    private boolean measure(long ended) {
        if (atStart == 0 && ended >= WARM_UP) {
            atStart = threads.getCurrentThreadAllocatedBytes();
        }
        if (atEnd == 0 && ended >= WARM_UP + MEASURED) {
            atEnd = threads.getCurrentThreadAllocatedBytes();
        }
        return false;
    }
}
