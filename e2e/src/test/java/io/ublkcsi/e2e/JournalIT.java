package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What an engine makes of the journal and the devices that it finds, and what it leaves when it is told to end. */
class JournalIT {
    private static final String FOLDER = "/mnt/pool-kills";
    private static final AttachOptions DEFAULTS = AttachOptions.getDefaultInstance();

    private static Path entry(Engines engines, String volume) {
        return engines.state().resolve("journal/" + Engines.POOL + "/" + volume + ".json");
    }

    @Test
    void aDamagedEntryLeavesItsDeviceAloneUntilItIsReleased() throws Exception {
        try (Engines engines = Engines.withPool("journal", FOLDER)) {
            Process first = engines.start();
            Device sound = engines.attach("sound", 16 * Guest.MIB, DEFAULTS);
            Device damaged = engines.attach("damaged", 16 * Guest.MIB, DEFAULTS);
            Engines.kill(first);
            Engines.ended(first);
            Files.writeString(entry(engines, "damaged"), "{ \"formatVersion\" : 1,");
            Process second = engines.start();
            assertThat(engines.devices()).extracting(Device::getPath).containsExactly(sound.getPath());
            engines.awaitAllLive();
            Shell.run("dd if=" + sound.getPath() + " of=/dev/null bs=4k count=8 iflag=direct status=none");
            Process waits = new ProcessBuilder(
                            "dd", "if=" + damaged.getPath(), "of=/dev/null", "iflag=direct", "count=1")
                    .start();
            assertThat(Shell.run(Guest.environment("E2E_COMMAND") + " list --socket " + engines.socket()))
                    .contains("journal/" + Engines.POOL + "/damaged.json")
                    .contains("'ublk-csi release --force " + damaged.getPath() + "'");
            StatusRuntimeException refused = catchThrowableOfType(
                    StatusRuntimeException.class, () -> engines.attach("damaged", 16 * Guest.MIB, DEFAULTS));
            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(refused.getMessage()).contains("ublk-csi release");
            String release = Guest.environment("E2E_COMMAND") + " release --state-dir " + engines.state() + " ";
            assertThat(Shell.attempt(release + damaged.getPath()).output()).contains("another engine works");
            assertThat(Shell.attempt(release + "--force " + sound.getPath()).output())
                    .contains("is served");
            assertThat(waits.isAlive()).as("its I/O waits").isTrue();
            Shell.run(release + "--force " + damaged.getPath());
            assertThat(waits.waitFor(300, TimeUnit.SECONDS)).isTrue();
            assertThat(waits.exitValue()).as("it fails now").isNotZero();
            assertThat(Files.exists(Path.of(damaged.getPath()))).isFalse();
            Files.delete(entry(engines, "damaged"));
            engines.attach("damaged", 16 * Guest.MIB, DEFAULTS);
            engines.awaitAllLive();
            engines.clear();
            Engines.terminate(second);
        }
    }

    @Test
    void afterARebootDevicesAreMadeAgain() throws Exception {
        try (Engines engines = Engines.withPool("journal", FOLDER)) {
            Process first = engines.start();
            engines.attach("again", 16 * Guest.MIB, DEFAULTS);
            Path entry = entry(engines, "again");
            Path kept = engines.state().resolve("kept");
            Shell.run("cp " + entry + " " + kept);
            engines.clear();
            engines.create("again", 16 * Guest.MIB);
            Engines.terminate(first);
            Shell.run("sed 's/\"bootId\": \"[^\"]*\"/\"bootId\": \"earlier\"/' " + kept + " > " + entry);
            Process second = engines.start();
            Engines.await("the device", () -> engines.devices().size() == 1);
            engines.awaitAllLive();
            engines.clear();
            Engines.terminate(second);
        }
    }

    @Test
    void twoEnginesOfOneStateDirectoryAreOneThatServesAndOneThatWaits() throws Exception {
        try (Engines engines = Engines.withPool("journal", FOLDER)) {
            Process first = engines.start();
            Device device = engines.attach("one", 16 * Guest.MIB, DEFAULTS);
            assertThat(Engines.ended(engines.start())).as("without --standby").isEqualTo(4);
            Process second = engines.startStandby();
            Process third = engines.startStandby();
            Engines.kill(first);
            Engines.ended(first);
            engines.awaitAllLive();
            Shell.run("dd if=" + device.getPath() + " of=/dev/null bs=4k count=8 iflag=direct status=none");
            assertThat(second.isAlive() && third.isAlive()).isTrue();
            String served = device.getPath() + " is served";
            Engines.await("word of it in a log", () -> (engines.said(second) + engines.said(third)).contains(served));
            assertThat(engines.said(second) + engines.said(third))
                    .containsOnlyOnce("the state directory is ours")
                    .containsOnlyOnce(served);
            engines.clear();
            Shell.run("kill -TERM " + second.pid() + " " + third.pid());
            Engines.ended(second);
            Engines.ended(third);
        }
    }

    /** Attaches a volume and mounts it, and says that the node goes down. */
    private static Device mountedAtShutdown(Engines engines, String volume, String folder) {
        Device device = engines.attach(volume, 64 * Guest.MIB, DEFAULTS);
        Shell.run("mkdir -p " + folder + " && mkfs.ext4 -q -F " + device.getPath() + " && mount " + device.getPath()
                + " " + folder + " && touch " + engines.shutdownFile());
        return device;
    }

    /** The node goes down: served while mounted, ended after that, long before the grace is over. */
    @Test
    void atNodeShutdownDevicesAreServedWhileTheyAreInUse() throws Exception {
        try (Engines engines = Engines.withPool("journal", FOLDER)) {
            Process engine = engines.start("--shutdown-grace", "120");
            Device unmounted = mountedAtShutdown(engines, "unmounted", "/mnt/shutdown");
            Shell.run("kill -TERM " + engine.pid());
            Engines.await("word of the shutdown", () -> engines.said(engine).contains("is there: the node goes down"));
            Shell.run(
                    "sleep 2; echo still served > /mnt/shutdown/file && sync -f /mnt/shutdown && umount /mnt/shutdown");
            assertThat(engine.waitFor(300, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.exists(Path.of(unmounted.getPath()))).isFalse();
            assertThat(engines.said(engine)).doesNotContain("whose users get I/O errors");
        }
    }

    /** What stays mounted gets errors after the grace, and not before. */
    @Test
    void atNodeShutdownWhatStaysInUseIsEndedAfterTheGrace() throws Exception {
        long graceSeconds = 5;
        try (Engines engines = Engines.withPool("journal", FOLDER)) {
            Process engine = engines.start("--shutdown-grace", String.valueOf(graceSeconds));
            Device kept = mountedAtShutdown(engines, "kept", "/mnt/shutdown-kept");
            Device open = engines.attach("open", 16 * Guest.MIB, DEFAULTS);
            Process user = new ProcessBuilder("sleep", "600")
                    .redirectInput(Path.of(open.getPath()).toFile())
                    .start();
            long begin = System.nanoTime();
            Shell.run("kill -TERM " + engine.pid());
            assertThat(engine.waitFor(300, TimeUnit.SECONDS)).isTrue();
            user.destroyForcibly();
            assertThat(Files.exists(Path.of(open.getPath()))).isFalse();
            assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(graceSeconds));
            assertThat(engines.said(engine)).contains("detaching " + kept.getPath());
            assertThat(Files.exists(Path.of(kept.getPath()))).isFalse();
            Shell.run("umount -l /mnt/shutdown-kept");
        }
    }

    @Test
    void withNoEngineAliveReleaseFailsWhatWaits() throws Exception {
        try (Engines engines = Engines.withPool("journal", FOLDER)) {
            Process engine = engines.start();
            Device device = engines.attach("released", 16 * Guest.MIB, DEFAULTS);
            Engines.terminate(engine);
            Process reader = new ProcessBuilder(
                            "dd", "if=" + device.getPath(), "of=/dev/null", "iflag=direct", "count=1")
                    .start();
            assertThat(reader.waitFor(2, TimeUnit.SECONDS)).as("its I/O waits").isFalse();
            String said = Shell.run(Guest.environment("E2E_COMMAND") + " release --all --state-dir " + engines.state());
            assertThat(said).contains(device.getPath()).contains("released");
            assertThat(reader.waitFor(300, TimeUnit.SECONDS)).isTrue();
            assertThat(reader.exitValue()).isNotZero();
            Process next = engines.start();
            assertThat(engines.devices())
                    .extracting(Device::getState)
                    .doesNotContain(DeviceState.DEVICE_STATE_QUIESCED);
            assertThat(engines.devices()).isEmpty();
            Engines.terminate(next);
        }
    }
}
