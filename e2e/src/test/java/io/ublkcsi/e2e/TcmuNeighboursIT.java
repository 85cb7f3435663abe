package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import io.ublkcsi.proto.engine.v1.Event;
import io.ublkcsi.proto.engine.v1.ForeignDevice;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.WatchRequest;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The kernel's SCSI target is everybody's: what people and other programs do there is seen, and does no harm. */
class TcmuNeighboursIT {
    private static final String CORE = "/sys/kernel/config/target/core";
    private static final String OTHERS = CORE + "/user_77";
    private static final String MODULE = "/sys/module/target_core_user/parameters/";
    private static final AttachOptions TCMU =
            AttachOptions.newBuilder().setFrontend(Frontend.FRONTEND_TCMU).build();
    private static final long PATIENCE_SECONDS = 120;
    private static final long WATCH_SECONDS = 900;

    private static Device device(TestVolume volume) {
        return Guest.devices().stream()
                .filter(device -> device.getVolumeId().equals(volume.id()))
                .findFirst()
                .orElseThrow();
    }

    private static Device awaitDevice(TestVolume volume, Predicate<Device> seen) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!seen.test(device(volume)) && System.nanoTime() - deadline < 0) {
            OwnEngine.pause(100);
        }
        Device device = device(volume);
        assertThat(seen.test(device)).as(device.toString()).isTrue();
        return device;
    }

    /** The engine's events from now on: answers when those of a volume in passing have come. */
    private static BlockingQueue<Event> events() throws Exception {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        Iterator<Event> stream = Guest.engine()
                .withDeadlineAfter(WATCH_SECONDS, TimeUnit.SECONDS)
                .watch(WatchRequest.getDefaultInstance());
        Thread.ofPlatform().daemon().start(() -> {
            try {
                stream.forEachRemaining(events::add);
            } catch (io.grpc.StatusRuntimeException deadline) {
                // The test is over.
            }
        });
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Event event = null;
        while (event == null || !event.getVolumeId().equals("in-passing")) {
            if (event == null) {
                assertThat(System.nanoTime() - deadline).as("no event comes").isNegative();
                TestVolume.attached(Guest.POOL, "in-passing", 16 * Guest.MIB, TCMU)
                        .close();
            }
            event = events.poll(1, TimeUnit.SECONDS);
        }
        return events;
    }

    private static void awaitEvent(BlockingQueue<Event> events, String kind, String words) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Event event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (event != null && !event.getKind().equals(kind)) {
            event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        assertThat(event).as("an event " + kind).isNotNull();
        assertThat(event.getMessage()).contains(words);
    }

    /** The directory of a volume's device in configfs. */
    private static String folder(TestVolume volume) {
        return Shell.run("grep -l ublk-csi/" + Guest.POOL + "/" + volume.id() + "/ " + CORE
                        + "/user_21826/*/attrib/dev_config")
                .replace("/attrib/dev_config", "");
    }

    /** Another program's device; made and enabled in the background, as the kernel may not let it be ended. */
    private static Process makeOthers(String device, String more) throws Exception {
        String folder = OTHERS + "/" + device;
        return new ProcessBuilder(
                        "bash",
                        "-c",
                        "mkdir -p " + folder + " && echo dev_size=1048576,dev_config=qcow/x" + more + " > " + folder
                                + "/control && echo 1 > " + folder + "/enable")
                .inheritIO()
                .start();
    }

    @AfterEach
    void removeOthers() {
        Shell.attempt("rmdir " + OTHERS + "/*; rmdir " + OTHERS);
    }

    @Test
    void whatIsChangedByHandIsNoticed() throws Exception {
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "by-hand", 16 * Guest.MIB, TCMU)) {
            BlockingQueue<Event> events = events();
            Shell.run("echo 4096 > " + folder(volume) + "/attrib/dev_size");
            awaitEvent(events, "changed", "dev_size=4096");
            assertThat(awaitDevice(volume, device -> device.getReason().contains("not by this engine"))
                            .getState())
                    .isEqualTo(DeviceState.DEVICE_STATE_LIVE);
            assertThat(Shell.run("blockdev --getsize64 " + volume.path())).isEqualTo("" + 16 * Guest.MIB);
        }
    }

    @Test
    void whatIsRemovedByHandIsNoticedAndCanBeAttachedAgain() throws Exception {
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "removed", 16 * Guest.MIB, TCMU)) {
            BlockingQueue<Event> events = events();
            String folder = folder(volume);
            Shell.run("cd /sys/kernel/config/target/loopback && link=$(find . -lname '*/"
                    + folder.substring(CORE.length() + 1) + "') && port=${link%/lun/*} && rm $link"
                    + " && rmdir ${link%/*} && echo NULL > $port/nexus && rmdir $port ${port%/*} " + folder);
            awaitEvent(events, "broken", "removed from the kernel's SCSI target");
            awaitDevice(
                    volume,
                    device -> device.getState() == DeviceState.DEVICE_STATE_BROKEN
                            && device.getReason().contains("detach the volume by force"));
            Guest.engine()
                    .detach(DetachRequest.newBuilder()
                            .setPool(Guest.POOL)
                            .setVolumeId(volume.id())
                            .setForce(true)
                            .build());
            String again = Guest.attach(Guest.POOL, volume.id(), TCMU).getPath();
            Shell.run("dd if=" + again + " of=/dev/null bs=64k count=8 iflag=direct status=none");
        }
    }

    @Test
    void anotherProgramsDeviceIsListedAndLeftAlone() throws Exception {
        assertThat(makeOthers("disk", ",nl_reply_supported=-1").waitFor(300, TimeUnit.SECONDS))
                .isTrue();
        List<ForeignDevice> foreign = Guest.engine()
                .listDevices(ListDevicesRequest.getDefaultInstance())
                .getForeignList();
        assertThat(foreign).extracting(ForeignDevice::getFrontend).containsExactly(Frontend.FRONTEND_TCMU);
        assertThat(foreign.getFirst().getOwner()).contains("tcm-user/77/disk/qcow/x");
        TestVolume.attached(Guest.POOL, "neighbour", 16 * Guest.MIB, TCMU).close();
        assertThat(Shell.run("cat " + OTHERS + "/disk/enable")).isEqualTo("1");
    }

    /** A daemon asked the kernel to wait for its answers, and died: whoever makes a device hangs. We do not. */
    @Test
    void aDaemonThatDiedHoldsUpItsOwnDevicesOnly() throws Exception {
        Shell.run(Guest.environment("E2E_TARGET_FEATURES") + " 1");
        Process hangs = makeOthers("hangs", "");
        try {
            Engines.await(
                    "device that hangs",
                    () -> Shell.attempt("cat " + OTHERS + "/hangs/attrib/nl_reply_supported")
                            .output()
                            .equals("1\n"));
            assertThat(hangs.waitFor(3, TimeUnit.SECONDS)).isFalse();
            assertThat(Shell.attempt(Guest.environment("E2E_COMMAND") + " doctor")
                            .output())
                    .contains("the kernel waits for a daemon's answers about user_77/hangs", "reset_netlink");
            // Of three, as the machine itself may stand still.
            long quickest = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                long start = System.nanoTime();
                TestVolume.attached(Guest.POOL, "not-held-up", 16 * Guest.MIB, TCMU)
                        .close();
                quickest = Math.min(quickest, System.nanoTime() - start);
            }
            assertThat(quickest).isLessThan(TimeUnit.SECONDS.toNanos(20));
        } finally {
            // What the doctor says to do.
            Shell.run(
                    "cd " + MODULE + " && echo 1 > block_netlink && echo 1 > reset_netlink && echo 0 > block_netlink");
            Shell.run(Guest.environment("E2E_TARGET_FEATURES") + " 0");
        }
        assertThat(hangs.waitFor(300, TimeUnit.SECONDS)).as("it is let go").isTrue();
    }
}
