package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.doctor.MountIsolation;
import io.ublkcsi.engine.pool.PoolSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ublk-csi engine}. */
@Command(name = "engine", description = "Serves volumes as block devices until it is told to end (SIGTERM).")
final class EngineCommand implements Callable<Integer> {
    static final String DEFAULT_STATE = "/var/lib/ublk-csi/state";

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            defaultValue = ClientCommand.DEFAULT_SOCKET,
            description = "Where the API listens; its folder is made, for the engine's user alone (default:"
                    + " ${DEFAULT-VALUE}).")
    private Path socket;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = DEFAULT_STATE,
            description = "What the engine remembers; one engine a directory (default: ${DEFAULT-VALUE}).")
    private Path stateDirectory;

    @Option(
            names = "--pool",
            paramLabel = "SPEC",
            description = {
                "A pool; may be given again. Kinds:",
                "name=N,kind=file,path=DIR[,minFree=BYTES][,overcommit=RATIO][,allowBuffered]",
                "name=N,kind=memory[,size=BYTES]",
                "name=N,kind=none",
                "name=N,kind=fault,pool=OTHER,faults=\"seed=1,error=EIO@0.01\""
            })
    private List<String> pools = List.of();

    @Option(
            names = "--metrics-address",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9809",
            description = "Where Prometheus finds metrics; 'none' for nowhere (default: ${DEFAULT-VALUE}).")
    private String metricsAddress;

    @Option(
            names = "--detach-at-end",
            description = "When told to end, end every device with it, and its users' I/O with errors; without this"
                    + " option devices and their I/O wait for the next engine.")
    private boolean detachAtEnd;

    @Option(
            names = "--no-lock-memory",
            negatable = true,
            description = "Let the engine's memory be written out; for trying things, not where volumes are in use.")
    private boolean lockMemory = true;

    @Option(
            names = "--standby",
            description = "When another engine works with the state directory, wait for its end, warmed up, and serve"
                    + " then; without this option that is refused.")
    private boolean standby;

    @Option(
            names = "--hold-time",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "How long the I/O of a device that cannot be served again waits before it fails; 0: for ever"
                    + " (default: ${DEFAULT-VALUE}).")
    private long holdSeconds;

    @Option(
            names = "--node-shutdown-file",
            paramLabel = "PATH",
            description = "When this file is there as the engine is told to end, the node goes down: devices are served"
                    + " while they are in use, and ended then (default: node-shutdown beside the socket).")
    private @Nullable Path nodeShutdownFile;

    @Option(
            names = "--shutdown-grace",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long they are served then; after that their I/O fails (default: ${DEFAULT-VALUE}).")
    private long shutdownGraceSeconds;

    @Option(names = "--log-json", description = "Log in JSON, one object a line.")
    private boolean logJson;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "error, warn, info, debug or trace (default: ${DEFAULT-VALUE}).")
    private String logLevel;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    @SuppressWarnings("unused") // picocli asks for it
    private boolean help;

    @Override
    public Integer call() {
        EngineLog.configure(logJson, logLevel);
        String mounts = MountIsolation.problem();
        if (!mounts.isEmpty()) {
            throw new EngineException(Kind.FAILED_PRECONDITION, mounts);
        }
        List<PoolSpec> specs = pools.stream().map(PoolSpec::parse).toList();
        Path marker = nodeShutdownFile == null ? socket.resolveSibling("node-shutdown") : nodeShutdownFile;
        Ending ending = new Ending(detachAtEnd, marker, TimeUnit.SECONDS.toNanos(shutdownGraceSeconds));
        EngineProcess.run(new EngineOptions(
                socket,
                stateDirectory,
                specs,
                metricsAddress,
                standby,
                TimeUnit.SECONDS.toNanos(holdSeconds),
                ending,
                lockMemory));
        return ExitCode.OK;
    }
}
