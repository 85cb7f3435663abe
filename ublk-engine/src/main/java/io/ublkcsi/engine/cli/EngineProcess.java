package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.control.Conductor;
import io.ublkcsi.engine.control.KernelFrontends;
import io.ublkcsi.engine.control.VolumeSource;
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
import io.ublkcsi.proto.engine.v1.EngineProto;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An engine, from its lock to its last detach. */
final class EngineProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineProcess.class);

    /** The API waits so long for devices that cannot be taken over at once. */
    private static final long TAKEOVER_NS = TimeUnit.SECONDS.toNanos(2);

    private static final long POOLS_NS = TimeUnit.SECONDS.toNanos(10);

    /** In the order in which they are closed. What the next engine waits for comes before what takes its time. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private @Nullable EngineServer server;

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
        Frontends frontends = KernelFrontends.of(syscalls, runFolder(options));
        CompletableFuture<Void> turn = new CompletableFuture<>();
        PoolRegistry pools = PoolRegistry.begin(options.pools(), turn);
        keep(lock(options, frontends));
        keep(pools);
        turn.complete(null);
        boolean crashed = CrashReports.take(options.stateDirectory());
        Journal journal = Journal.open(options.stateDirectory());
        EventBus events = new EventBus();
        Conductor conductor = new Conductor(frontends, volumes(pools), journal, events, options.holdNs());
        keep(() -> end(options.ending(), conductor));
        conductor.takeOver(crashed, TAKEOVER_NS);
        awaitPools(pools, conductor);
        events.startUpEnds();
        keep(conductor.watchOthers());
        Watchdog watchdog = keep(Watchdog.start(conductor, pools, events));
        opened.addLast(MetricsEndpoint.start(options.metricsAddress(), conductor, pools, events::add, watchdog));
        server = EngineServer.start(
                options.socket(), conductor, pools, EngineFacts.ofKernel(version, syscalls, frontends), events);
        opened.addLast(server);
        LOG.info("{} serves {} on {}", version, pools, options.socket());
        if (conductor.devices().isEmpty()) {
            settle();
        }
    }

    /**
     * While nobody's I/O waits: makes what the first call would make, which is 5 MB for the API's descriptors, and
     * collects what the start has left. What comes later is little.
     */
    private static void settle() {
        var _ = EngineProto.getDescriptor();
        System.gc();
    }

    static VolumeSource volumes(PoolRegistry pools) {
        return (volume, readOnly, noDiscard) ->
                pools.pool(volume.pool()).openBackend(volume.volumeId(), new OpenOptions(readOnly, noDiscard));
    }

    /** A pool that cannot be opened is a reason not to start, unless devices on others would go without an engine. */
    private static void awaitPools(PoolRegistry pools, Conductor conductor) {
        try {
            pools.awaitOpened(POOLS_NS);
        } catch (EngineException refused) {
            if (conductor.devices().isEmpty()) {
                throw refused;
            }
            LOG.error("a pool cannot be opened, and the others are served without it: {}", refused.getMessage());
        }
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

    /** The next engine listens on the same socket as soon as it has the state directory. */
    private void end(Ending ending, Conductor conductor) {
        EngineServer api = server;
        if (api != null && ending.handsOver()) {
            api.stopListening();
        }
        ending.run(conductor);
    }

    private static StateLock lock(EngineOptions options, Frontends frontends) {
        Path directory = options.stateDirectory();
        if (!options.standby()) {
            return StateLock.take(directory);
        }
        new Warmup(directory, frontends).run();
        settle();
        LOG.info("warm: waits for the state directory {}", directory);
        StateLock lock = StateLock.await(directory);
        LOG.info("the state directory is ours now");
        return lock;
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    /** Ends what was opened. */
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
