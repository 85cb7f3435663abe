package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes as SCSI disks: verified I/O, what the kernel shows of them, and what the SCSI tools say. */
class TcmuIT {
    private static final String FIO = "fio --ioengine=io_uring --direct=1 --verify=crc32c --verify_fatal=1"
            + " --randrepeat=0 --group_reporting --output-format=terse --terse-version=3 --filename=%s"
            + " --name=random --rw=randwrite --bssplit=%s --blockalign=%d"
            + " --iodepth=16 --size=12m --fsync=32 --serialize_overlap=1"
            + " --name=fua --stonewall --rw=randwrite --bs=4k --iodepth=8 --offset=12m --size=1m --sync=dsync"
            + " --name=sequential --stonewall --rw=write --bs=1m --iodepth=8 --offset=16m --size=16m";

    private static final AttachOptions TCMU =
            AttachOptions.newBuilder().setFrontend(Frontend.FRONTEND_TCMU).build();

    private static TestVolume attached(String id, AttachOptions options) {
        return TestVolume.attached(Guest.POOL, id, 64 * Guest.MIB, options);
    }

    /** On disks of 512 and of 4096 bytes a sector: every size, aligned in memory or not. */
    @ParameterizedTest
    @CsvSource({"local, 512, 512/20:1536/10:4k/30:20k/20:128k/15:1m/5", "coarse, 4096, 4k/50:20k/25:128k/20:1m/5"})
    void whatIsWrittenIsWhatIsRead(String pool, int blockBytes, String sizes) {
        try (TestVolume volume = TestVolume.attached(pool, "tcmu-verify", 64 * Guest.MIB, TCMU)) {
            assertThat(volume.device().getFrontend()).isEqualTo(Frontend.FRONTEND_TCMU);
            assertThat(volume.device().getFrontendReason()).isEqualTo("asked for");
            assertThat(volume.path()).startsWith("/dev/sd");
            assertThat(Shell.number(Guest.queueSysfs(volume.device()) + "logical_block_size"))
                    .isEqualTo(blockBytes);
            Shell.run(FIO.formatted(volume.path(), sizes, blockBytes));
            Shell.run("gcc -O1 -o /run/unaligned-tcmu " + Guest.environment("E2E_UNALIGNED")
                    + " && /run/unaligned-tcmu " + volume.path());
        }
    }

    @Test
    void showsItsParametersInSysfs() {
        try (TestVolume volume = attached("tcmu-params", TCMU)) {
            String queue = Guest.queueSysfs(volume.device());
            assertThat(Shell.number(queue + "logical_block_size")).isEqualTo(512);
            assertThat(Shell.number(queue + "physical_block_size")).isEqualTo(4096);
            assertThat(Shell.number(queue + "rotational")).isZero();
            assertThat(Shell.number(queue + "fua")).isEqualTo(1);
            assertThat(Shell.read(Path.of(queue + "write_cache")).strip()).isEqualTo("write back");
            assertThat(Shell.number(queue + "discard_max_bytes")).isPositive();
            assertThat(Shell.run("blockdev --getsize64 " + volume.path())).isEqualTo("" + 64 * Guest.MIB);
        }
    }

    @Test
    void readOnlyAndWithoutDiscard() {
        AttachOptions options =
                TCMU.toBuilder().setReadOnly(true).setNoDiscard(true).build();
        try (TestVolume volume = attached("tcmu-ro", options)) {
            assertThat(Shell.run("blockdev --getro " + volume.path())).isEqualTo("1");
            assertThat(Shell.number(Guest.queueSysfs(volume.device()) + "discard_max_bytes"))
                    .isZero();
        }
    }

    @Test
    void discardGivesBlocksBack() {
        try (TestVolume volume = attached("tcmu-discard", TCMU)) {
            Path image = Guest.poolDirectory().resolve("volumes/tcmu-discard.raw");
            Shell.run("dd if=/dev/urandom of=" + volume.path() + " bs=1M count=32 oflag=direct status=none");
            long full = Long.parseLong(Shell.run("stat -c %b " + image));
            Shell.run("blkdiscard " + volume.path());
            assertThat(Long.parseLong(Shell.run("stat -c %b " + image))).isLessThan(full / 4);
            Shell.run("cmp -n 33554432 " + volume.path() + " /dev/zero");
        }
    }

    @Test
    void growsWhileMounted() {
        try (TestVolume volume = attached("tcmu-grow", TCMU)) {
            Shell.run("mkfs.ext4 -q -F " + volume.path());
            FileSystemIT.mounted("ext4", volume.path(), () -> {
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
                Shell.run("resize2fs " + volume.path());
            });
            assertThat(Shell.run("blockdev --getsize64 " + volume.path())).isEqualTo("" + 128 * Guest.MIB);
        }
    }

    @Test
    void theScsiToolsAgree() {
        try (TestVolume volume = attached("tcmu-sg", TCMU)) {
            String disk = volume.path();
            assertThat(Shell.run("sg_inq " + disk)).contains("UBLK-CSI", "[SPC-4]");
            assertThat(Shell.run("sg_vpd -p bl " + disk)).contains("Maximum unmap block descriptor count: 32");
            assertThat(Shell.run("sg_vpd -p lbpv " + disk)).contains("(LBPU): 1");
            assertThat(Shell.run("sg_readcap -16 " + disk)).contains("Last LBA=131071", "lbpme=1, lbprz=1");
            assertThat(Shell.run("sg_modes " + disk)).contains("DpoFua=1");
            Shell.run("sg_turs " + disk + " && sg_sync " + disk + " && sg_opcodes " + disk);
            Shell.run("dd if=/dev/urandom of=" + disk + " bs=64k count=1 oflag=direct status=none");
            Shell.run("sg_unmap --lba=8 --num=8 " + disk + " && sg_write_same --10 --lba=16 --num=8 --xferlen=512"
                    + " --in=/dev/zero " + disk);
            Shell.run("blockdev --flushbufs " + disk + " && cmp -i 4096 -n 8192 " + disk + " /dev/zero");
            Shell.run("tr '\\0' x < /dev/zero | head -c 512 > /run/pattern && sg_write_same --16 --lba=0 --num=300"
                    + " --xferlen=512 --in=/run/pattern " + disk);
            Shell.run("blockdev --flushbufs " + disk + " && tr '\\0' x < /dev/zero | cmp -n 153600 " + disk + " -");
            assertThat(Shell.attempt("sg_raw -r 512 " + disk + " 8b 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00")
                            .output())
                    .contains("Invalid command operation code");
            assertThat(Shell.attempt("sg_raw -r 512 " + disk + " 88 00 00 00 00 00 0f 00 00 00 00 00 00 01 00 00")
                            .output())
                    .contains("Logical block address out of range");
        }
    }
}
