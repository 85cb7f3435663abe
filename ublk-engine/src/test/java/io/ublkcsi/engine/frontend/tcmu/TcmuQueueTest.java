package io.ublkcsi.engine.frontend.tcmu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.backend.file.FileBackend;
import io.ublkcsi.engine.backend.file.FileImage;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.frontend.SectorModel;
import io.ublkcsi.engine.queue.QueueAgent;
import io.ublkcsi.engine.queue.QueuePlan;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.SimulatedDisk;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The queue code between a simulated target and a simulated disk, all on the test's thread. */
class TcmuQueueTest {
    private static final long COMMANDS = 30_000;
    private static final int SECTORS = 8192;
    private static final int SECTOR_BYTES = 512;
    private static final int DEPTH = 32;
    private static final int MAX_IO_BYTES = 1 << 16;
    private static final int ALLOWED_BYTES = 4_096;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long atStart;
    private long atEnd;

    /** One run of everything, from the first command to the device's removal. */
    private static final class Simulation implements AutoCloseable {
        private final long seed = SeededRandom.freshSeed();
        private final SimulatedUring kernel;
        private final SimulatedDisk disk;
        private final SimulatedTarget target;
        private final SimulatedInitiator initiator;
        private final Backend backend;
        private final int diskDescriptor;

        Simulation(SimulatedFaults faults, long commands) {
            kernel = new SimulatedUring(seed, faults);
            disk = new SimulatedDisk(kernel, (long) SECTORS * SECTOR_BYTES, SECTOR_BYTES);
            int perCommand = MAX_IO_BYTES / SimulatedTarget.BLOCK_BYTES;
            target = new SimulatedTarget(kernel, ~seed, 256, perCommand);
            SectorModel model = new SectorModel(SECTORS);
            initiator = new SimulatedInitiator(target, seed + 1, model, MAX_IO_BYTES / SECTOR_BYTES, commands);
            target.initiator(initiator);
            diskDescriptor = kernel.addFile(disk);
            backend = new FileBackend(
                    new FileImage(diskDescriptor, false, () -> null),
                    BlockLimits.memory(disk.sizeBytes(), SECTOR_BYTES));
            kernel.addActor(initiator);
        }

        void run() {
            QueueAgent agent = new QueueAgent(kernel, new QueuePlan(DEPTH, null, new QueueMetrics(), this::open));
            agent.run();
            try {
                agent.ended().join();
            } catch (CompletionException e) {
                throw new AssertionError(SeededRandom.replay(seed) + ": " + e.getCause(), e.getCause());
            }
        }

        private FrontendQueue open(Ring ring, Consumer<BackendQueue> backendSide) {
            ring.installFile(QueuePlan.DEVICE_SLOT, target.descriptor());
            LogicalUnit unit = new LogicalUnit(backend, UnitIdentity.of("local/sim"), MAX_IO_BYTES);
            int segments = 1 + MAX_IO_BYTES / SimulatedTarget.BLOCK_BYTES;
            TcmuQueueSetup setup = new TcmuQueueSetup(
                    ring, target, unit, DEPTH, segments, QueuePlan.DEVICE_SLOT, 0, new QueueMetrics());
            return new TcmuQueue(setup, (requests, sink) -> {
                BackendQueue queue = backend.openQueue(new QueueContext(ring, requests, sink, 0, QueuePlan.FILE_SLOT));
                kernel.close(diskDescriptor);
                backendSide.accept(queue);
                return queue;
            });
        }

        @Override
        public void close() {
            kernel.close();
        }
    }

    @Test
    void everyCommandEndsOnceWithTheRightData() {
        try (Simulation simulation = new Simulation(SimulatedFaults.USUAL, COMMANDS)) {
            simulation.run();
            assertThat(simulation.initiator.ended()).isEqualTo(COMMANDS);
            assertThat(simulation.initiator.failed()).isZero();
            assertThat(simulation.target.isClosed()).isTrue();
            assertThat(simulation.disk.isReleased()).isTrue();
        }
    }

    @Test
    void aFailingDiskFailsItsCommandsAsMediumErrors() {
        try (Simulation simulation = new Simulation(SimulatedFaults.HARSH, COMMANDS)) {
            simulation.run();
            assertThat(simulation.initiator.ended()).isEqualTo(COMMANDS);
            assertThat(simulation.initiator.failed()).isBetween(COMMANDS / 500, COMMANDS / 20);
        }
    }

    @Test
    void aCommandAllocatesNothing() {
        try (Simulation simulation = new Simulation(SimulatedFaults.USUAL, 61_000)) {
            simulation.kernel.addActor(() -> measure(simulation.initiator.ended()));
            simulation.run();
        }
        assertThat(atEnd - atStart).as("bytes for 30,000 commands").isLessThan(ALLOWED_BYTES);
    }

    private boolean measure(long ended) {
        if (atStart == 0 && ended >= 30_000) {
            atStart = threads.getCurrentThreadAllocatedBytes();
        }
        if (atEnd == 0 && ended >= 60_000) {
            atEnd = threads.getCurrentThreadAllocatedBytes();
        }
        return false;
    }
}
