package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.DeviceNodes;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A live VDUSE device: one backend's volume as {@code /dev/vdX}. */
final class VduseDevice implements FrontendDevice, VduseMessages.Driver {
    private static final Logger LOG = LoggerFactory.getLogger(VduseDevice.class);

    static final int MAX_IO_BYTES = BlkConfig.SEGMENTS * Memory.PAGE_BYTES;
    static final DataPathChoice DATA_PATH = new DataPathChoice(
            DataPath.PLAIN_COPY, "the driver copies into memory that it shares with us, and has no other way");

    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final String name;
    private final Backend backend;
    private final VduseFile file;
    private final InflightFile log;
    private final UringSyscalls syscalls;
    private final MemorySegment serial;
    private volatile @Nullable Throwable failed;
    private final List<Consumer<Throwable>> listeners = new CopyOnWriteArrayList<>();

    // Set before serve() returns.
    @SuppressWarnings("NullAway.Init")
    private volatile VduseQueues queues;

    @SuppressWarnings("NullAway.Init")
    private VduseMessages messages;

    @SuppressWarnings("NullAway.Init")
    private Path disk;

    /** As the device was when its disk came: asked for when it is gone too. */
    @SuppressWarnings("NullAway.Init")
    private DeviceFacts facts;

    /**
     * @param serial the disk's, {@link BlkRequest#ID_BYTES} bytes
     */
    VduseDevice(
            UringSyscalls syscalls,
            String name,
            Backend backend,
            VduseFile file,
            InflightFile log,
            MemorySegment serial) {
        this.syscalls = syscalls;
        this.serial = serial;
        this.name = name;
        this.backend = backend;
        this.file = file;
        this.log = log;
    }

    /** Serves the device, binds its driver, and waits for its disk. When this fails, nothing serves it. */
    void serve() {
        serve(false);
    }

    /** Serves the device of a dead engine: what its users have been waiting for comes first. */
    void serveAgain() {
        serve(true);
    }

    private void serve(boolean again) {
        open(backend);
        try {
            backend.queuesOpened();
            answerMessages(again);
            bind();
            disk = awaitDisk();
            facts = factsNow();
            DeviceNodes.awaitBlock(facts.path(), facts.major(), facts.minor());
        } catch (RuntimeException failure) {
            abandon();
            letGo();
            throw failure;
        }
    }

    /** Serves the device of a dead engine with its backend's errors, until its driver has let go of it. */
    void serveUntilTakenAway() {
        open(backend);
        try {
            answerMessages(true);
            LeftVduseDevices.takeOff(name);
            awaitNoDriver();
        } catch (RuntimeException failure) {
            abandon();
            letGo();
            throw failure;
        }
        remove();
    }

    private void open(Backend bytes) {
        queues = queues(bytes);
        messages = new VduseMessages(name, file.fd(), this, why -> broke(new EngineException(Kind.INTERNAL, why)));
    }

    private void answerMessages(boolean again) {
        if (again && file.features() != 0) {
            queues.connect(true);
        }
        messages.start();
    }

    private VduseQueues queues(Backend bytes) {
        long offered = BlkConfig.features(bytes.limits());
        return new VduseQueues(syscalls, file, name, bytes, offered, log, serial, this::broke);
    }

    /** A queue has ended by a fault: serves what is under way with nothing but errors, so that the driver lets go. */
    private void serveErrors() {
        LOG.warn("a queue of {} has ended by a fault: what its users wait for fails", path());
        abandon();
        queues.close();
        queues = queues(new FailingBackend(backend.limits()));
        queues.connect(true);
    }

    /** Ends the queues' threads, which use the driver's memory and the log, before those are given up. */
    private void abandon() {
        queues.threads().abandon();
        try {
            queues.threads().join();
        } catch (EngineException fault) {
            LOG.debug("a queue of {} ended by a fault", name, fault);
        }
    }

    private void bind() {
        if (!SysDevice.isOnBus(name)) {
            VdpaBus.add(name);
        }
        if (!SysDevice.isBound(name)) {
            VdpaBus.bind(name);
        }
    }

    /** Somebody else's removal may be under way, which shows neither on the bus nor at the driver any more. */
    private void awaitNoDriver() {
        long deadlineNs = System.nanoTime() + WAIT_NS;
        while (!file.isBroken() && file.isDriven()) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new EngineException(
                        Kind.DEADLINE_EXCEEDED,
                        "the driver of VDUSE device " + name + " does not let go of it: the kernel's log says why");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** A probe that a predecessor's death interrupted goes on once we serve. */
    private Path awaitDisk() {
        long deadlineNs = System.nanoTime() + WAIT_NS;
        Path found = SysDevice.disk(name);
        while (found == null) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new EngineException(
                        Kind.INTERNAL,
                        "no disk of VDUSE device " + name
                                + " appeared: is virtio_blk loaded? The kernel's log says why");
            }
            LockSupport.parkNanos(POLL_NS);
            found = SysDevice.disk(name);
        }
        return found;
    }

    private void broke(Throwable failure) {
        failed = failure;
        listeners.forEach(listener -> listener.accept(failure));
    }

    private void letGo() {
        messages.close();
        queues.close();
        file.close();
        log.close();
    }

    String path() {
        return "/dev/" + disk.getFileName();
    }

    private DeviceFacts factsNow() {
        DeviceNodes.Numbers numbers = SysDevice.numbers(disk);
        return new DeviceFacts(
                FrontendKind.VDUSE,
                SysDevice.id(name),
                path(),
                numbers.major(),
                numbers.minor(),
                log.queues(),
                log.depth(),
                MAX_IO_BYTES,
                FeatureNames.of(BlkConfig.features(backend.limits())),
                DATA_PATH);
    }

    @Override
    public DeviceFacts facts() {
        return facts;
    }

    @Override
    public long sizeBytes() {
        return SysDevice.sizeBytes(disk);
    }

    /** The driver takes note in its own time. */
    @Override
    public void resize() {
        BlockLimits limits = backend.limits();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capacity = arena.allocate(Long.BYTES, Long.BYTES);
            capacity.set(Memory.LONG, 0, limits.sizeBytes() / Requests.SECTOR_BYTES);
            file.changeConfig(BlkConfig.CAPACITY, capacity);
        }
        long deadlineNs = System.nanoTime() + WAIT_NS;
        while (sizeBytes() != limits.sizeBytes()) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new EngineException(
                        Kind.DEADLINE_EXCEEDED,
                        path() + " still shows " + sizeBytes() + " bytes instead of " + limits.sizeBytes()
                                + ": the driver did not take the change");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    @Override
    public void stop(boolean force) {
        if (!force) {
            LeftVduseDevices.checkUnused(path());
        }
        if (failed != null && !file.isBroken()) {
            serveErrors();
        }
        takeAway();
    }

    private void takeAway() {
        LeftVduseDevices.takeOff(name);
        remove();
    }

    private void remove() {
        queues.end();
        letGo();
        try (VduseControl control = new VduseControl()) {
            control.destroy(name);
        }
        log.remove();
    }

    /** What the backend has is ended; what the driver has for us stays with it, and waits. */
    @Override
    public void handOver() {
        queues.end();
        letGo();
    }

    @Override
    public boolean onStatus(int status) {
        return queues.onStatus(status);
    }

    @Override
    public int queueState(int queue) {
        return queues.queueState(queue);
    }

    @Override
    public void forget(long first, long last) {
        queues.forget(first, last);
    }

    @Override
    public void hold() {
        queues.threads().hold();
    }

    @Override
    public void resume() {
        queues.threads().resume();
    }

    @Override
    public void onFailure(Consumer<Throwable> listener) {
        listeners.add(listener);
        Throwable before = failed;
        if (before != null) {
            listener.accept(before);
        }
        queues.threads().onFailure(listener);
    }

    @Override
    public List<QueueMetrics> metrics() {
        return queues.threads().metrics();
    }
}
