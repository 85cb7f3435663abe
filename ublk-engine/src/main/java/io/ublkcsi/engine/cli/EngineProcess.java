package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.control.Conductor;
import io.ublkcsi.engine.control.DeviceView;
import io.ublkcsi.engine.control.KernelFrontends;
import io.ublkcsi.engine.control.journal.Journal;
import io.ublkcsi.engine.doctor.ProcessState;
import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.observe.MetricsEndpoint;
import io.ublkcsi.engine.observe.Watchdog;
import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.engine.pool.OpenOptions;
import io.ublkcsi.engine.pool.PoolRegistry;
import io.ublkcsi.engine.service.EngineFacts;
import io.ublkcsi.engine.service.EngineServer;
import io.ublkcsi.engine.service.EventBus;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.LockedMemory;
import io.ublkcsi.engine.uring.KernelUring;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An engine, from its lock to its last detach. */
final class EngineProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineProcess.class);

    /** The API waits so long for devices that cannot be taken over at once. */
    private static final long TAKEOVER_NS = TimeUnit.SECONDS.toNanos(2);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private EngineProcess() {}

    /** Serves until the process is told to end. */
    static void run(EngineOptions options) {
        EngineProcess process = start(options);
        report(ProcessState.ofSelf());
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(process::close));
        while (true) {
            LockSupport.park();
        }
    }

    private static void report(ProcessState process) {
        LOG.info("this process: {}", process);
        if (!process.isFlusher()) {
            LOG.warn(
                    "PR_SET_IO_FLUSHER is not set on {} of {} threads: {}",
                    process.threads() - process.flushers(),
                    process.threads(),
                    ProcessState.FLUSHER_CURE);
        }
    }

    /** Serves until it is closed; a start that fails leaves nothing open. */
    static EngineProcess start(EngineOptions options) {
        EngineProcess process = new EngineProcess();
        try {
            process.open(options);
            return process;
        } catch (RuntimeException failure) {
            process.close();
            throw failure;
        }
    }

    private void open(EngineOptions options) {
        if (options.lockMemory()) {
            lockMemory();
        }
        String version = Version.text();
        KernelUring syscalls = new KernelUring();
        keep(StateLock.take(options.stateDirectory()));
        Journal journal = Journal.open(options.stateDirectory());
        PoolRegistry pools = keep(PoolRegistry.open(options.pools()));
        EventBus events = new EventBus();
        Frontends frontends = KernelFrontends.of(syscalls, runFolder(options));
        Conductor conductor = new Conductor(
                frontends,
                (volume, readOnly, noDiscard) ->
                        pools.pool(volume.pool()).openBackend(volume.volumeId(), new OpenOptions(readOnly, noDiscard)),
                journal,
                events);
        keep(options.detachAtEnd() ? () -> detachAll(conductor) : conductor::handOver);
        conductor.takeOver(false, TAKEOVER_NS);
        Watchdog watchdog = keep(Watchdog.start(conductor, pools, events));
        keep(MetricsEndpoint.start(options.metricsAddress(), conductor, pools, events::add, watchdog));
        keep(EngineServer.start(
                options.socket(), conductor, pools, EngineFacts.ofKernel(version, syscalls, frontends), events));
        LOG.info("{} serves {} on {}", version, pools, options.socket());
    }

    private static void lockMemory() {
        int failed = LockedMemory.lock();
        if (failed < 0) {
            LOG.warn(
                    "the engine's memory is not locked ({}): a node that runs out of memory may wait for itself;"
                            + " give the engine CAP_IPC_LOCK, or say 'ulimit -l unlimited'",
                    Errno.name(failed));
        } else {
            LOG.info("memory is locked, {} now", ByteSize.print(LockedMemory.bytes()));
        }
    }

    /** The socket's folder: it outlives the process, and ends with the machine. */
    private static Path runFolder(EngineOptions options) {
        return Objects.requireNonNull(options.socket().toAbsolutePath().getParent(), "the socket's folder");
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    /** A device whose server is gone would hang its users: end it, and let them see errors. */
    private static void detachAll(Conductor conductor) {
        for (DeviceView device : conductor.devices()) {
            LOG.info(
                    "the engine ends: detaching {} of volume {}, whose users get I/O errors from now on",
                    device.path(),
                    device.volume());
            try {
                conductor.detach(device.volume(), true);
            } catch (RuntimeException failure) {
                LOG.error("detaching {} failed", device.path(), failure);
            }
        }
    }

    /** Ends what was opened, the last first. */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception failure) {
                LOG.error("ending the engine did not go well", failure);
            }
        }
        LOG.info("the engine has ended");
        EngineLog.flush();
    }
}
