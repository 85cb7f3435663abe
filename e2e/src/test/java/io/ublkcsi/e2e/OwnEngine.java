package io.ublkcsi.e2e;

import io.grpc.ManagedChannel;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import io.ublkcsi.proto.engine.v1.Provisioning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** An engine of a test's own, beside the suite's: its pools stand on disks that the test fills, stops or cuts off. */
final class OwnEngine implements AutoCloseable {
    private static final long START_SECONDS = 180;
    private static final long END_SECONDS = 300;
    private static final long CALL_SECONDS = 120;

    private final Path log;
    private final Process process;
    private final ManagedChannel channel;

    /**
     * @param name tells it from others in the guest
     * @param pools as after {@code --pool}
     */
    OwnEngine(String name, List<String> pools) {
        Path socket = Path.of("/run/ublk-csi-" + name + "/engine.sock");
        log = Path.of(Guest.environment("RESULTS"), "engine-" + name + ".log");
        List<String> command = new ArrayList<>(List.of(Guest.environment("E2E_COMMAND"), "engine"));
        command.addAll(List.of("--socket", socket.toString(), "--state-dir", "/run/ublk-csi-" + name + "-state"));
        command.add("--detach-at-end");
        command.addAll(List.of("--metrics-address", "none"));
        pools.forEach(pool -> command.addAll(List.of("--pool", pool)));
        try {
            Files.deleteIfExists(socket); // of one that was killed
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        if (!await(START_SECONDS, () -> Files.exists(socket) || !process.isAlive()) || !process.isAlive()) {
            process.destroyForcibly();
            throw new AssertionError("the engine " + name + " did not start:\n" + Shell.read(log));
        }
        channel = Guest.channel(socket.toString());
    }

    static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Whether it comes to hold in time; looked at once more after that, as the machine may have stood still. */
    private static boolean await(long seconds, BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() - deadline < 0) {
            if (holds.getAsBoolean()) {
                return true;
            }
            pause(50);
        }
        return holds.getAsBoolean();
    }

    EngineGrpc.EngineBlockingStub engine() {
        return EngineGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    PoolsGrpc.PoolsBlockingStub pools() {
        return PoolsGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    /** Makes a thin volume and attaches it. */
    Device attach(String pool, String volume, long bytes, AttachOptions options) {
        pools().createVolume(CreateVolumeRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(volume)
                .setSizeBytes(bytes)
                .setProvisioning(Provisioning.PROVISIONING_THIN)
                .build());
        AttachRequest request = AttachRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(volume)
                .setOptions(options)
                .build();
        return engine().attach(request).getDevice();
    }

    Device attach(String pool, String volume, long bytes) {
        return attach(pool, volume, bytes, AttachOptions.getDefaultInstance());
    }

    void detach(String pool, String volume, boolean force) {
        engine().detach(DetachRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(volume)
                .setForce(force)
                .build());
    }

    long pid() {
        return process.pid();
    }

    /** Kills it; what it served waits for the next engine of the same name. */
    void kill() {
        channel.shutdownNow();
        process.destroyForcibly();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the engine did not die within " + END_SECONDS + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until every device of its predecessor is served. */
    void awaitAllLive() {
        if (!await(END_SECONDS, this::allAreLive)) {
            throw new AssertionError("not every device is served after " + END_SECONDS + " s:\n" + log());
        }
    }

    private boolean allAreLive() {
        return engine().listDevices(ListDevicesRequest.getDefaultInstance()).getDevicesList().stream()
                .allMatch(device -> device.getState() == DeviceState.DEVICE_STATE_LIVE);
    }

    /** What the engine has logged so far. */
    String log() {
        return Shell.read(log);
    }

    /** Waits until the log holds a line with these words. */
    void awaitLog(String words, long seconds) {
        if (!await(seconds, () -> log().contains(words))) {
            throw new AssertionError("the engine did not say \"" + words + "\" in " + seconds + " s:\n" + log());
        }
    }

    /** Leaves no device behind, whatever an engine does with its devices when it is told to end. */
    @Override
    public void close() {
        try {
            engine().listDevices(ListDevicesRequest.getDefaultInstance())
                    .getDevicesList()
                    .forEach(device -> detach(device.getPool(), device.getVolumeId(), false));
        } finally {
            end();
        }
    }

    private void end() {
        channel.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the engine did not end within " + END_SECONDS + " s:\n" + log());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
