package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Volumes as virtio disks through VDUSE, on the kernels that have it. */
class VduseIT {
    private static final String FIO = "fio --ioengine=libaio --direct=1 --verify=crc32c --verify_fatal=1 --randrepeat=0"
            + " --group_reporting --output-format=terse --terse-version=3 --filename=%s"
            + " --name=random --rw=randwrite --bssplit=512/20:1536/10:4k/30:20k/20:128k/15:1m/5 --blockalign=512"
            + " --iodepth=16 --size=12m --fsync=32 --serialize_overlap=1"
            + " --name=sequential --stonewall --rw=write --bs=1m --iodepth=8 --offset=16m --size=16m"
            + " --name=two --stonewall --rw=randwrite --bs=4k --iodepth=64 --numjobs=2 --offset=32m --size=2m"
            + " --offset_increment=8m";

    private static AttachOptions.Builder vduse() {
        return AttachOptions.newBuilder().setFrontend(Frontend.FRONTEND_VDUSE);
    }

    static IntStream queues() {
        return IntStream.of(1, Math.min(4, Runtime.getRuntime().availableProcessors()))
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("queues")
    void whatIsWrittenIsRead(int queues) {
        AttachOptions options = vduse().setQueues(queues).build();
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "vduse-verify", 64 * Guest.MIB, options)) {
            assertThat(volume.device().getFrontend()).isEqualTo(Frontend.FRONTEND_VDUSE);
            assertThat(volume.path()).startsWith("/dev/vd");
            String mq = "/sys/block/" + Path.of(volume.path()).getFileName() + "/mq";
            assertThat(Shell.run("ls " + mq + " | wc -l")).isEqualTo("" + queues);
            Shell.run(FIO.formatted(volume.path()));
        }
    }

    @Test
    void showsItsParametersInSysfs() {
        try (TestVolume volume =
                TestVolume.attached(Guest.POOL, "vduse-params-with-a-long-name", 32 * Guest.MIB, vduse().build())) {
            String queue = Guest.queueSysfs(volume.device());
            assertThat(Shell.number(queue + "logical_block_size")).isEqualTo(512);
            assertThat(Shell.number(queue + "physical_block_size")).isEqualTo(4096);
            assertThat(Shell.number(queue + "discard_max_bytes")).isPositive();
            assertThat(Shell.number(queue + "write_zeroes_max_bytes")).isPositive();
            assertThat(Shell.read(Path.of(queue + "write_cache")).strip()).isEqualTo("write back");
            String serial = Shell.run("cat /sys/block/" + Path.of(volume.path()).getFileName() + "/serial");
            assertThat(serial).hasSize(20).startsWith("vduse-param");
            assertThat(Shell.run("blockdev --getsize64 " + volume.path())).isEqualTo("" + 32 * Guest.MIB);
        }
    }

    /** {@code /proc/PID/task/TID/status} of those who read the rings: no right but to lock memory. */
    @Test
    void threadsThatServeQueuesHaveNoPrivileges() {
        String tasks = "/proc/" + Guest.enginePid() + "/task/";
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "vduse-posture", 16 * Guest.MIB, vduse().build())) {
            assertThat(volume.path()).startsWith("/dev/vd");
            // A thread that ends between the listing and its reading is no thread of the engine's any more.
            String serving = "$(grep -l '^vduse-q' " + tasks + "*/comm 2>/dev/null)";
            String status = Shell.run("for comm in " + serving + "; do cat ${comm%comm}status; done"
                    + " | grep -E '^(CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs|Seccomp):' | sort -u");
            assertThat(status.lines().map(line -> line.replace("\t", " ")))
                    .containsExactlyInAnyOrder(
                            "CapInh: 0000000000000000",
                            "CapPrm: 0000000000004000",
                            "CapEff: 0000000000004000",
                            "CapAmb: 0000000000000000",
                            "NoNewPrivs: 1",
                            "Seccomp: 2");
        }
    }

    @Test
    void readOnlyAndWithoutDiscard() {
        AttachOptions options = vduse().setReadOnly(true).setNoDiscard(true).build();
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "vduse-ro", 32 * Guest.MIB, options)) {
            assertThat(Shell.run("blockdev --getro " + volume.path())).isEqualTo("1");
            assertThat(Shell.number(Guest.queueSysfs(volume.device()) + "discard_max_bytes"))
                    .isZero();
            assertThat(Shell.attempt("dd if=/dev/zero of=" + volume.path() + " bs=4k count=1 oflag=direct")
                            .status())
                    .isNotZero();
        }
    }

    @Test
    void blocksOf4096Bytes() {
        Guest.pools()
                .createVolume(CreateVolumeRequest.newBuilder()
                        .setPool(Guest.POOL)
                        .setVolumeId("vduse-4k")
                        .setSizeBytes(32 * Guest.MIB)
                        .setLogicalBlockBytes(4096)
                        .build());
        Device device = Guest.attach(Guest.POOL, "vduse-4k", vduse().build());
        assertThat(Shell.number(Guest.queueSysfs(device) + "logical_block_size"))
                .isEqualTo(4096);
        Shell.run("fio --name=4k --filename=" + device.getPath() + " --ioengine=libaio --direct=1 --rw=randwrite"
                + " --bs=4k --iodepth=16 --size=4m --verify=crc32c");
        Guest.detach(Guest.POOL, "vduse-4k");
        Guest.delete(Guest.POOL, "vduse-4k");
    }

    @Test
    void growsWhileMountedIsNotTakenAwayAndGivesSpaceBack() {
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "vduse-fs", 64 * Guest.MIB, vduse().build())) {
            Shell.run("mkfs.ext4 -q -F " + volume.path());
            FileSystemIT.mounted("ext4", volume.path(), () -> {
                StatusRuntimeException refused =
                        catchThrowableOfType(StatusRuntimeException.class, () -> Guest.detach(Guest.POOL, volume.id()));
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
                assertThat(refused.getMessage()).contains("in use");
                grow(volume);
                Shell.run("resize2fs " + volume.path() + " && fstrim -v /mnt/e2e-fs");
            });
            assertThat(Shell.run("blockdev --getsize64 " + volume.path())).isEqualTo("" + 128 * Guest.MIB);
            Shell.run("e2fsck -f -n " + volume.path());
            Shell.run("blkdiscard " + volume.path() + " && cmp -n " + 128 * Guest.MIB + " " + volume.path()
                    + " /dev/zero");
            Shell.run("dd if=/dev/urandom of=" + volume.path() + " bs=1M count=4 oflag=direct status=none"
                    + " && blkdiscard -z -o 1M -l 2M " + volume.path());
            assertThat(Shell.run("for at in 0 1 2 3; do cmp -s -n 1048576 -i ${at}MiB:0 " + volume.path()
                            + " /dev/zero && echo zero || echo data; done"))
                    .isEqualTo("data\nzero\nzero\ndata");
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
        assertThat(Guest.engine().resize(request).getSizeBytes()).isEqualTo(128 * Guest.MIB);
    }

    @Test
    void forceTakesItAwayFromItsUserAndLeavesNothing() {
        Guest.create(Guest.POOL, "vduse-forced", 32 * Guest.MIB);
        Device device = Guest.attach(Guest.POOL, "vduse-forced", vduse().build());
        assertThat(Guest.attach(Guest.POOL, "vduse-forced", vduse().build()).getPath())
                .isEqualTo(device.getPath());
        Shell.run("mkfs.ext4 -q -F " + device.getPath() + " && mkdir -p /mnt/e2e-vduse && mount " + device.getPath()
                + " /mnt/e2e-vduse");
        Guest.engine()
                .detach(DetachRequest.newBuilder()
                        .setPool(Guest.POOL)
                        .setVolumeId("vduse-forced")
                        .setForce(true)
                        .build());
        Shell.run("umount -l /mnt/e2e-vduse");
        Guest.delete(Guest.POOL, "vduse-forced");
        assertThat(Shell.run("ls /sys/class/vduse")).doesNotContain("vduse-forced");
    }

    @Test
    void whatUblkAloneCanDoIsRefused() {
        Guest.create(Guest.POOL, "vduse-refused", 16 * Guest.MIB);
        AttachOptions options = vduse().setRecovery(io.ublkcsi.proto.engine.v1.RecoveryPolicy.RECOVERY_POLICY_FAIL)
                .build();
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class, () -> Guest.attach(Guest.POOL, "vduse-refused", options));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(refused.getMessage()).contains("VDUSE");
        Guest.delete(Guest.POOL, "vduse-refused");
    }
}
