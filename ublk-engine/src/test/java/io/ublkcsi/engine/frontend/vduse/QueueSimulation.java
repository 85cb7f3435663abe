package io.ublkcsi.engine.frontend.vduse;

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
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.SimulatedDisk;
import io.ublkcsi.engine.uring.SimulatedFaults;
import io.ublkcsi.engine.uring.SimulatedUring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * The engine's own queue code between a simulated virtio driver and a simulated disk. All on the caller's thread. The
 * server may die and be followed by another, over the same memory, log and disk.
 */
final class QueueSimulation implements AutoCloseable {
    static final int SIZE = 64;
    private static final int SECTORS = 4096;
    private static final int SECTOR_BYTES = 512;
    private static final int SLOT_BYTES = SimulatedUsers.MAX_SECTORS * SECTOR_BYTES;

    private final long seed;
    private final SimulatedUring kernel;
    private final SimulatedDisk disk;
    private final DriverMemory memory;
    private final SimulatedDriver driver;
    private final SimulatedUsers users;
    private final SectorModel model = new SectorModel(SECTORS);
    private final MemorySegment log = Arena.ofAuto().allocate(InflightLog.bytes(SIZE), 8);
    private final QueueMetrics metrics = new QueueMetrics();
    private VduseQueue queue;
    private QueueAgent agent;
    private boolean served;

    QueueSimulation(long seed, SimulatedFaults faults, boolean eventIndex, boolean indirect, long count) {
        this.seed = seed;
        this.kernel = new SimulatedUring(seed, faults);
        this.disk = new SimulatedDisk(kernel, (long) SECTORS * SECTOR_BYTES, SECTOR_BYTES);
        long data = Memory.roundUp((SLOT_BYTES + 64L) * SIZE, Memory.PAGE_BYTES);
        this.memory = new DriverMemory(SimulatedDriver.ringBytes(SIZE), data);
        this.driver = new SimulatedDriver(memory, ~seed, SIZE, eventIndex, indirect, SLOT_BYTES);
        this.users = new SimulatedUsers(driver, seed + 1, SIZE, model, count, () -> agent.execute(() -> queue.end()));
        driver.users(users);
        kernel.addActor(driver);
        kernel.addActor(users);
    }

    SimulatedUring kernel() {
        return kernel;
    }

    SimulatedDriver driver() {
        return driver;
    }

    SimulatedUsers users() {
        return users;
    }

    DriverMemory memory() {
        return memory;
    }

    /** Serves until every request has ended, or the server dies; a failure names the seed. */
    void run() {
        driver.serverDied();
        agent = new QueueAgent(kernel, new QueuePlan(SIZE, null, metrics, this::open));
        agent.run();
        try {
            agent.ended().join();
        } catch (CompletionException e) {
            throw new AssertionError(SeededRandom.replay(seed) + ": " + e.getCause(), e.getCause());
        }
    }

    /** Has the server end and leave what the driver has to the next. */
    void handOver() {
        agent.execute(() -> queue.end());
    }

    /** Has the driver's requests wait, or go on. */
    void hold(boolean waiting) {
        agent.execute(waiting ? () -> queue.hold() : () -> queue.resume());
    }

    private FrontendQueue open(Ring ring, Consumer<BackendQueue> backendSide) {
        int image = kernel.addFile(disk);
        Backend backend = new FileBackend(
                new FileImage(image, false, () -> null), BlockLimits.memory(disk.sizeBytes(), SECTOR_BYTES));
        ring.installFile(QueuePlan.DEVICE_SLOT, kernel.addFile(driver));
        MemorySegment serial = Arena.ofAuto().allocate(BlkRequest.ID_BYTES);
        InflightLog inflight = new InflightLog(log, SIZE);
        VduseQueueSetup setup = new VduseQueueSetup(
                ring, 0, SIZE, 0, QueuePlan.DEVICE_SLOT, SECTOR_BYTES, serial, inflight, metrics, driver);
        queue = new VduseQueue(setup, (requests, sink) -> {
            BackendQueue side = backend.openQueue(new QueueContext(ring, requests, sink, 0, QueuePlan.FILE_SLOT));
            backendSide.accept(side);
            return new Meanwhile(side);
        });
        queue.connect(driver.info(), driver.features(), served);
        served = true;
        queue.endBatch();
        return queue;
    }

    /** The driver's CPU does something while ours hands a request over: it may find itself not asked for a kick. */
    private final class Meanwhile implements BackendQueue {
        private final BackendQueue side;
        private final SeededRandom random = new SeededRandom(seed ^ users.ended());

        Meanwhile(BackendQueue side) {
            this.side = side;
        }

        @Override
        public boolean isSingleEntry(int tag) {
            return side.isSingleEntry(tag);
        }

        @Override
        public void submit(int tag, int linkFlags) {
            side.submit(tag, linkFlags);
            if (random.chance(100) && !users.isDone()) {
                users.act();
                driver.act();
            }
        }

        @Override
        public void onCompletion(int tag, int operation, int result) {
            side.onCompletion(tag, operation, result);
        }

        @Override
        public void close() {
            side.close();
        }
    }

    @Override
    public void close() {
        kernel.close();
        memory.close();
    }
}
