package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the kernel shows of our devices, and what it lets happen to them. */
class DeviceIT {
    @Test
    void showsItsParametersInSysfs() {
        try (TestVolume volume = TestVolume.attached("params", 32 * Guest.MIB)) {
            String queue = Guest.queueSysfs(volume.device());
            assertThat(Shell.number(queue + "logical_block_size")).isEqualTo(512);
            assertThat(Shell.number(queue + "physical_block_size")).isEqualTo(4096);
            assertThat(Shell.number(queue + "minimum_io_size")).isEqualTo(4096);
            assertThat(Shell.number(queue + "rotational")).isZero();
            assertThat(Shell.number(queue + "fua")).isEqualTo(1);
            assertThat(Shell.read(Path.of(queue + "write_cache")).strip()).isEqualTo("write back");
            assertThat(Shell.number(queue + "discard_granularity")).isEqualTo(4096);
            assertThat(Shell.number(queue + "discard_max_bytes")).isPositive();
            assertThat(Shell.run("blockdev --getsize64 " + volume.path())).isEqualTo("" + 32 * Guest.MIB);
            String numbers =
                    Shell.run("cat /sys/block/" + Path.of(volume.path()).getFileName() + "/dev");
            assertThat(numbers)
                    .isEqualTo(
                            volume.device().getMajor() + ":" + volume.device().getMinor());
        }
    }

    @Test
    void readOnlyAndWithoutDiscard() {
        AttachOptions options =
                AttachOptions.newBuilder().setReadOnly(true).setNoDiscard(true).build();
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "ro", 32 * Guest.MIB, options)) {
            assertThat(Shell.run("blockdev --getro " + volume.path())).isEqualTo("1");
            assertThat(Shell.number(Guest.queueSysfs(volume.device()) + "discard_max_bytes"))
                    .isZero();
            assertThat(Shell.attempt("dd if=/dev/zero of=" + volume.path() + " bs=4k count=1 oflag=direct")
                            .status())
                    .isNotZero();
        }
    }

    @Test
    void flushAndFuaReachThePoolsDisk() {
        String stat = "/sys/block/" + Guest.environment("E2E_POOL_DISK") + "/stat";
        try (TestVolume volume = TestVolume.attached("flush", 32 * Guest.MIB)) {
            Shell.run("dd if=/dev/zero of=" + volume.path()
                    + " bs=1M count=32 oflag=direct conv=fsync status=none; sync");
            long before = flushes(stat);
            Shell.run("dd if=/dev/urandom of=" + volume.path() + " bs=4k count=1 oflag=direct conv=fsync status=none");
            long afterFlush = flushes(stat);
            assertThat(afterFlush).as("flushes of the pool's disk").isGreaterThan(before);
            Shell.run(
                    "dd if=/dev/urandom of=" + volume.path() + " bs=4k count=1 seek=8 oflag=direct,dsync status=none");
            assertThat(flushes(stat)).as("flushes after a FUA write").isGreaterThan(afterFlush);
        }
    }

    /** Field 16 of a block device's stat: flush requests completed (Documentation/block/stat.rst). */
    private static long flushes(String stat) {
        return Long.parseLong(Shell.read(Path.of(stat)).strip().split("\\s+")[15]);
    }

    @Test
    void growsWhileMountedOrSaysWhyNot() {
        try (TestVolume volume = TestVolume.attached("grow", 64 * Guest.MIB)) {
            Shell.run("mkfs.ext4 -q -F " + volume.path());
            FileSystemIT.mounted("ext4", volume.path(), () -> grow(volume));
            Shell.run("e2fsck -f -n " + volume.path());
        }
    }

    private static void grow(TestVolume volume) {
        Guest.pools()
                .growVolume(GrowVolumeRequest.newBuilder()
                        .setPool(Guest.POOL)
                        .setVolumeId(volume.id())
                        .setSizeBytes(128 * Guest.MIB)
                        .build());
        ResizeRequest request = ResizeRequest.newBuilder()
                .setPool(Guest.POOL)
                .setVolumeId(volume.id())
                .build();
        if (Guest.kernelHas("UPDATE_SIZE")) {
            assertThat(Guest.engine().resize(request).getSizeBytes()).isEqualTo(128 * Guest.MIB);
            Shell.run("resize2fs " + volume.path());
            assertThat(Shell.run("blockdev --getsize64 " + volume.path())).isEqualTo("" + 128 * Guest.MIB);
        } else {
            StatusRuntimeException refused = catchThrowableOfType(
                    StatusRuntimeException.class, () -> Guest.engine().resize(request));
            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(refused.getMessage()).contains("UPDATE_SIZE").contains("6.16");
        }
    }

    @Test
    void isNotTakenAwayWhileMounted() {
        try (TestVolume volume = TestVolume.attached("busy", 64 * Guest.MIB)) {
            Shell.run("mkfs.ext4 -q -F " + volume.path());
            FileSystemIT.mounted("ext4", volume.path(), () -> {
                StatusRuntimeException refused =
                        catchThrowableOfType(StatusRuntimeException.class, () -> Guest.detach(Guest.POOL, volume.id()));
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
                assertThat(refused.getMessage()).contains("in use");
                Shell.run("sync -f /mnt/e2e-fs && touch /mnt/e2e-fs/still-here && sync -f /mnt/e2e-fs");
            });
        }
    }

    @Test
    void attachAndDetachMayBeRepeated() {
        Guest.create(Guest.POOL, "again", 32 * Guest.MIB);
        Device first = Guest.attach(Guest.POOL, "again");
        assertThat(Guest.attach(Guest.POOL, "again").getPath()).isEqualTo(first.getPath());
        Guest.detach(Guest.POOL, "again");
        Guest.detach(Guest.POOL, "again");
        assertThat(Files.exists(Path.of(first.getPath()))).isFalse();
        Guest.delete(Guest.POOL, "again");
        Guest.delete(Guest.POOL, "again");
    }

    @Test
    void forceTakesItAwayFromItsUser() {
        Guest.create(Guest.POOL, "forced", 32 * Guest.MIB);
        Device device = Guest.attach(Guest.POOL, "forced");
        Shell.run("mkfs.ext4 -q -F " + device.getPath() + " && mkdir -p /mnt/e2e-force && mount " + device.getPath()
                + " /mnt/e2e-force");
        Guest.engine()
                .detach(DetachRequest.newBuilder()
                        .setPool(Guest.POOL)
                        .setVolumeId("forced")
                        .setForce(true)
                        .build());
        Shell.run("umount -l /mnt/e2e-force");
        Guest.delete(Guest.POOL, "forced");
    }
}
