package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessMode.Mode;
import io.ublkcsi.proto.engine.v1.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What csi-sanity does not ask of the two plugins, on real devices. Runs in csi-sanity's guest. */
class PluginIT {
    private static final long SIZE = 320 * Guest.MIB;
    private static final CsiCalls CALLS = new CsiCalls(
            Guest.environment("E2E_NODE_SOCKET"), Guest.environment("E2E_CONTROLLER_SOCKET"), Path.of("/run/plugin"));

    /** Staged and published; taken away again with {@link #close}. */
    private record Used(String name, String id, VolumeCapability use) implements AutoCloseable {
        static Used of(String name, String id, VolumeCapability use) {
            CALLS.stage(name, id, use);
            CALLS.publish(name, id, use);
            return new Used(name, id, use);
        }

        String path() {
            return CALLS.target(name);
        }

        @Override
        public void close() {
            CALLS.unpublish(name, id);
            CALLS.unstage(name, id);
        }
    }

    private static String create(String name, VolumeCapability use) {
        return CALLS.create(name, SIZE, use, UnaryOperator.identity());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs", "btrfs"})
    void aLargerRestoreHasTheSnapshotsDataInAFileSystemThatGrew(String filesystem) {
        VolumeCapability use = CsiCalls.mounted(filesystem);
        String source = create("source-" + filesystem, use);
        String snapshot;
        try (Used volume = Used.of("source", source, use)) {
            Shell.run("echo one > " + volume.path() + "/state && sync");
            snapshot = CALLS.snapshot("snapshot-" + filesystem, source);
            Shell.run("echo two > " + volume.path() + "/state && sync");
        }
        String restored = CALLS.create("restored-" + filesystem, 2 * SIZE, use, CsiCalls.fromSnapshot(snapshot));
        try (Used volume = Used.of("restored", restored, use)) {
            assertThat(Shell.run("cat " + volume.path() + "/state")).isEqualTo("one");
            long bytes = Long.parseLong(Shell.run("df -B1 --output=size " + volume.path() + " | tail -1"));
            assertThat(bytes).isGreaterThan(SIZE * 3 / 2);
        }
        CALLS.deleteSnapshot(snapshot);
        CALLS.delete(restored);
        CALLS.delete(source);
    }

    @Test
    void anXfsCloneIsMountedBesideItsSource() {
        VolumeCapability use = CsiCalls.mounted("xfs");
        String source = create("twin-a", use);
        try (Used first = Used.of("twin-a", source, use)) {
            Shell.run("echo kept > " + first.path() + "/state && sync");
            String clone = CALLS.create("twin-b", SIZE, use, CsiCalls.cloneOf(source));
            try (Used second = Used.of("twin-b", clone, use)) {
                assertThat(Shell.run("cat " + second.path() + "/state")).isEqualTo("kept");
            }
            CALLS.delete(clone);
        }
        CALLS.delete(source);
    }

    @Test
    void aReaderCanNotWrite() {
        String source = create("reader", CsiCalls.mounted("ext4"));
        try (Used writer = Used.of("reader", source, CsiCalls.mounted("ext4"))) {
            Shell.run("echo kept > " + writer.path() + "/state");
        }
        try (Used reader = Used.of("reader", source, CsiCalls.mounted("ext4", Mode.SINGLE_NODE_READER_ONLY))) {
            assertThat(Shell.run("cat " + reader.path() + "/state")).isEqualTo("kept");
            assertThat(Shell.attempt("touch " + reader.path() + "/more").output())
                    .contains("Read-only file system");
        }
        CALLS.delete(source);
    }

    /** Each writes something that an mkfs would destroy to the device {@code $D}. */
    static Stream<Arguments> contents() {
        return Stream.of(
                Arguments.of("data at 1 MiB", "echo data | dd of=$D bs=1M seek=1 conv=notrunc,fsync"),
                Arguments.of("a LUKS header", "printf 'LUKS\\xba\\xbe\\x00\\x02' | dd of=$D conv=notrunc,fsync"),
                Arguments.of("a GPT header", "printf 'EFI PART' | dd of=$D bs=512 seek=1 conv=notrunc,fsync"),
                Arguments.of("a swap area", "mkswap $D"),
                Arguments.of(
                        "a truncated XFS",
                        "mkfs.xfs -q -f $D && dd if=/dev/zero of=$D bs=512 count=8 conv=notrunc,fsync"));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void whatIsNotEmptyIsNeverFormatted(String what, String command) {
        String id = create("guarded", CsiCalls.raw());
        CALLS.stage("guarded", id, CsiCalls.raw());
        String device = device(id);
        Shell.run("D=" + device + "; " + command + " && sync");
        String before = Shell.run("sha256sum < " + device);
        CALLS.unstage("guarded", id);
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class, () -> CALLS.stage("guarded", id, CsiCalls.mounted("ext4")));
        assertThat(refused.getStatus().getCode()).as(what).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(refused.getMessage()).contains("Nothing was written");
        assertThat(Shell.run("sha256sum < " + device(id))).isEqualTo(before);
        CALLS.unstage("guarded", id);
        CALLS.delete(id);
    }

    @Test
    void aBusyVolumeNamesItsHolder() throws Exception {
        String id = create("busy", CsiCalls.mounted("ext4"));
        try (Used volume = Used.of("busy", id, CsiCalls.mounted("ext4"))) {
            Path held = Files.createFile(Path.of(volume.path(), "held"));
            // Once that answers, it is sleep and has the file open.
            Process holder = new ProcessBuilder("sleep", "600")
                    .redirectInput(held.toFile())
                    .start();
            StatusRuntimeException refused =
                    catchThrowableOfType(StatusRuntimeException.class, () -> CALLS.unpublish("busy", id));
            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(refused.getMessage()).contains("sleep (pid " + holder.pid() + ")");
            assertThat(holder.destroyForcibly().waitFor(300, TimeUnit.SECONDS)).isTrue();
        }
        CALLS.delete(id);
    }

    @Test
    void aStoppedEngineHoldsUpNoQuestion() {
        String id = create("stopped", CsiCalls.mounted("ext4"));
        try (Used volume = Used.of("stopped", id, CsiCalls.mounted("ext4"))) {
            assertThat(CALLS.stats("stopped", id).getUsageList()).isNotEmpty();
            Shell.run("kill -STOP " + Guest.enginePid());
            try {
                assertThat(quickestStatsNs(id)).isLessThan(TimeUnit.SECONDS.toNanos(1));
                StatusRuntimeException late = catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> CALLS.node()
                                .withDeadlineAfter(8, TimeUnit.SECONDS)
                                .nodeUnstageVolume(CALLS.unstageRequest("another", id)));
                assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            } finally {
                Shell.run("kill -CONT " + Guest.enginePid());
            }
            Shell.run("echo works > " + volume.path() + "/after && sync");
        }
        CALLS.delete(id);
    }

    /** Of three: a guest's CPU is taken away for longer than the plugin may think about it. */
    private static long quickestStatsNs(String id) {
        long quickest = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long begin = System.nanoTime();
            assertThat(CALLS.stats("stopped", id).getUsageList()).isNotEmpty();
            quickest = Math.min(quickest, System.nanoTime() - begin);
        }
        return quickest;
    }

    private static String device(String id) {
        return Guest.devices().stream()
                .filter(device -> device.getVolumeId().equals(id))
                .map(Device::getPath)
                .findFirst()
                .orElseThrow();
    }
}
