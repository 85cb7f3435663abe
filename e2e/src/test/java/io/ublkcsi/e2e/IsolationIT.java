package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A request that crashes every engine costs the others three restarts, and then its own device only. */
class IsolationIT {
    private static final String FOLDER = "/mnt/pool-kills";

    @Test
    void aDeviceThatCrashesEnginesIsIsolatedAndTheOthersGoOn() throws Exception {
        List<String> pools = List.of(
                "name=" + Engines.POOL + ",kind=file,path=" + FOLDER + ",minFree=16Mi,overcommit=100",
                "name=crash,kind=fault,pool=" + Engines.POOL + ",faults=\"seed=1,op=write,die-after=1\"");
        Shell.run("mkdir -p " + FOLDER);
        try (Engines engines = new Engines("isolation", pools)) {
            Process active = engines.start();
            String probed = engines.attach("probe", 16 * Guest.MIB, AttachOptions.getDefaultInstance())
                    .getPath();
            String fatal = attachFatal(engines);
            StallProbe probe = new StallProbe(probed, 1);
            Process writer = new ProcessBuilder("dd", "if=/dev/zero", "of=" + fatal, "bs=4k", "count=1", "oflag=direct")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int crashes = 0;
            while (!isIsolated(engines, active, fatal)) {
                assertThat(crashes++).as("crashes").isLessThan(4);
                active = engines.start();
            }
            assertThat(crashes)
                    .as("the first crash, and three in a row of takeovers")
                    .isEqualTo(4);
            Device isolated = engines.devices().stream()
                    .filter(device -> device.getPath().equals(fatal))
                    .findFirst()
                    .orElseThrow();
            assertThat(isolated.getState()).isEqualTo(DeviceState.DEVICE_STATE_ISOLATED);
            assertThat(isolated.getReason()).contains("ublk-csi attach").contains("--force");
            probe.longestMs();
            assertThat(writer.isAlive()).as("the isolated device's I/O waits").isTrue();
            engines.api()
                    .detach(DetachRequest.newBuilder()
                            .setPool("crash")
                            .setVolumeId("fatal")
                            .setForce(true)
                            .build());
            assertThat(writer.waitFor(300, TimeUnit.SECONDS)).isTrue();
            assertThat(writer.exitValue()).as("it fails now").isNotZero();
            probe.close();
            assertThat(probe.firstFailure()).isEmpty();
            engines.awaitAllLive();
            engines.clear();
            Engines.terminate(active);
        }
    }

    /** Waits until the engine has died, or has left the device alone. */
    private static boolean isIsolated(Engines engines, Process engine, String device) {
        AtomicBoolean isolated = new AtomicBoolean();
        Engines.await("an engine that has made up its mind", () -> {
            isolated.set(engines.isServing() && stateOf(engines, device) == DeviceState.DEVICE_STATE_ISOLATED);
            return isolated.get() || !engine.isAlive();
        });
        return isolated.get();
    }

    private static DeviceState stateOf(Engines engines, String path) {
        try {
            return engines.devicesNow().stream()
                    .filter(device -> device.getPath().equals(path))
                    .findFirst()
                    .map(Device::getState)
                    .orElse(DeviceState.DEVICE_STATE_UNSPECIFIED);
        } catch (StatusRuntimeException died) {
            return DeviceState.DEVICE_STATE_UNSPECIFIED;
        }
    }

    private static String attachFatal(Engines engines) {
        engines.create("fatal", 16 * Guest.MIB);
        return engines.api()
                .attach(AttachRequest.newBuilder()
                        .setPool("crash")
                        .setVolumeId("fatal")
                        .build())
                .getDevice()
                .getPath();
    }
}
