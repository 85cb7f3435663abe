package io.ublkcsi.e2e;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import io.ublkcsi.proto.engine.v1.Provisioning;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Engines of one state directory, started, killed and told to end as a test likes. */
final class Engines implements AutoCloseable {
    static final String POOL = "kills";

    /** A machine with much else to do starts a JVM in minutes. */
    private static final long DEADLINE_SECONDS = 600;

    /**
     * A connection to an engine that has just been killed passes for one until its end is read; what is called by it
     * meanwhile is called again. Every call of the engine may be.
     */
    private static final Map<String, ?> AGAIN_WHEN_CUT_OFF = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of()),
                    "waitForReady",
                    true,
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            5.0,
                            "initialBackoff",
                            "0.2s",
                            "maxBackoff",
                            "2s",
                            "backoffMultiplier",
                            2.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE")))));

    private static final String WARM = "waits for the state directory";

    private final String name;
    private final Path socket;
    private final Path state;
    private final List<String> pools;
    private final List<Process> all = new ArrayList<>();
    private final ManagedChannel channel;

    /**
     * @param pools of kind file, each as {@code --pool} takes it
     */
    Engines(String name, List<String> pools) {
        this.name = name;
        this.socket = Path.of("/run/ublk-csi-" + name + "/engine.sock");
        this.state = Path.of("/run/ublk-csi-" + name + "-state");
        this.pools = pools;
        this.channel = Guest.channelTo(socket.toString())
                .defaultServiceConfig(AGAIN_WHEN_CUT_OFF)
                .build();
    }

    /** One pool, {@link #POOL}, in a folder of its own. */
    static Engines withPool(String name, String folder) {
        return withPool(name, folder, List.of());
    }

    /**
     * @param more pools, which may stand on the first
     */
    static Engines withPool(String name, String folder, List<String> more) {
        Shell.run("mkdir -p " + folder);
        String first = "name=" + POOL + ",kind=file,path=" + folder + ",minFree=16Mi,overcommit=100";
        return new Engines(name, Stream.concat(Stream.of(first), more.stream()).toList());
    }

    Path state() {
        return state;
    }

    /** The file that says that the node goes down. */
    Path shutdownFile() {
        return socket.resolveSibling("node-shutdown");
    }

    Path socket() {
        return socket;
    }

    /** Starts one; answers at once. Its log is {@code engine-NAME-NUMBER.log} in the results. */
    Process start(String... options) {
        List<String> command = new ArrayList<>(List.of(
                Guest.environment("E2E_COMMAND"),
                "engine",
                "--socket",
                socket.toString(),
                "--state-dir",
                state.toString(),
                "--metrics-address",
                "none"));
        pools.forEach(pool -> command.addAll(List.of("--pool", pool)));
        command.addAll(List.of(options));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log(all.size()))
                    .start();
            all.add(process);
            return process;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private File log(int number) {
        return Path.of(Guest.environment("RESULTS"), "engine-" + name + "-" + number + ".log")
                .toFile();
    }

    /** Starts one that stands by; answers when it is warm. */
    Process startStandby(String... options) {
        String[] both = java.util.Arrays.copyOf(options, options.length + 1);
        both[options.length] = "--standby";
        Process standby = start(both);
        await("a warm standby", () -> said(standby).contains(WARM) || !standby.isAlive());
        return standby;
    }

    /** What an engine has logged so far. */
    String said(Process engine) {
        return Shell.read(log(all.indexOf(engine)).toPath());
    }

    static void kill(Process engine) {
        Shell.run("kill -KILL " + engine.pid());
    }

    /** Answers its status. */
    static int terminate(Process engine) {
        Shell.run("kill -TERM " + engine.pid());
        return ended(engine);
    }

    static int ended(Process engine) {
        try {
            if (!engine.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("engine " + engine.pid() + " did not end");
            }
            return engine.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    static void await(String what, BooleanSupplier holds) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        boolean late = false;
        while (!holds.getAsBoolean()) {
            if (late) {
                throw new AssertionError("no " + what + " after " + DEADLINE_SECONDS + " s");
            }
            late = System.nanoTime() - deadlineNs > 0; // looked at once more, as the machine may have stood still
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Whether an engine answers. */
    boolean isServing() {
        channel.resetConnectBackoff();
        return channel.getState(true) == ConnectivityState.READY;
    }

    /** Fails at once when the engine that is to serve has ended. */
    void awaitServing(Process engine) {
        await("answer of an engine of " + name, () -> {
            if (!engine.isAlive()) {
                throw new AssertionError("the engine ended with " + engine.exitValue() + ":\n" + said(engine));
            }
            return isServing();
        });
    }

    void awaitServing() {
        await("answer of an engine of " + name, this::isServing);
    }

    EngineGrpc.EngineBlockingStub api() {
        awaitServing();
        return EngineGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    PoolsGrpc.PoolsBlockingStub poolsApi() {
        awaitServing();
        return PoolsGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    void create(String volume, long bytes) {
        create(POOL, volume, bytes);
    }

    private void create(String pool, String volume, long bytes) {
        poolsApi()
                .createVolume(CreateVolumeRequest.newBuilder()
                        .setPool(pool)
                        .setVolumeId(volume)
                        .setSizeBytes(bytes)
                        .setProvisioning(Provisioning.PROVISIONING_THIN)
                        .build());
    }

    Device attach(String volume, long bytes, AttachOptions options) {
        create(volume, bytes);
        return attach(POOL, volume, options);
    }

    Device attach(String pool, String volume, AttachOptions options) {
        return api().attach(AttachRequest.newBuilder()
                        .setPool(pool)
                        .setVolumeId(volume)
                        .setOptions(options)
                        .build())
                .getDevice();
    }

    /** Makes a volume in any of the pools, and attaches it. */
    Device attach(String pool, String volume, long bytes) {
        create(pool, volume, bytes);
        return attach(pool, volume, AttachOptions.getDefaultInstance());
    }

    /** Without waiting for long. */
    List<Device> devicesNow() {
        return EngineGrpc.newBlockingStub(channel)
                .withDeadlineAfter(2, TimeUnit.SECONDS)
                .listDevices(ListDevicesRequest.getDefaultInstance())
                .getDevicesList();
    }

    List<Device> devices() {
        return api().listDevices(ListDevicesRequest.getDefaultInstance()).getDevicesList();
    }

    void awaitAllLive() {
        await(
                "live devices",
                () -> devices().stream().allMatch(device -> device.getState() == DeviceState.DEVICE_STATE_LIVE));
    }

    /** Detaches and deletes every volume that has a device. */
    void clear() {
        for (Device device : devices()) {
            api().detach(DetachRequest.newBuilder()
                    .setPool(device.getPool())
                    .setVolumeId(device.getVolumeId())
                    .build());
            poolsApi()
                    .deleteVolume(DeleteVolumeRequest.newBuilder()
                            .setPool(device.getPool())
                            .setVolumeId(device.getVolumeId())
                            .build());
        }
    }

    /** Ends those that live; devices that are left are taken away by hand, so that the next test starts clean. */
    @Override
    public void close() {
        all.stream().filter(Process::isAlive).forEach(engine -> {
            kill(engine);
            ended(engine);
        });
        channel.shutdownNow();
        Shell.run("rm -f " + shutdownFile());
        if (Files.isDirectory(state)) {
            Shell.attempt(Guest.environment("E2E_COMMAND") + " release --all --state-dir " + state);
            Shell.run("rm -rf " + state);
        }
    }
}
