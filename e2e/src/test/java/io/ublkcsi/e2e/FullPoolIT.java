package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.Device;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pool that is full makes writes wait, says so, keeps what it is to keep, and goes on when there is space. */
class FullPoolIT {
    private static final long POOL_MIB = 330;
    /** What may be under way when the pool looks: 16 requests of 64 KiB, and what the file system needs for itself. */
    private static final long SLACK_MIB = 8;

    private static final String FIO = "fio --name=fill --filename=%s --rw=write --bs=64k --size=160m --iodepth=16"
            + " --ioengine=io_uring --direct=1 --verify=crc32c --verify_fatal=1 --output-format=terse";

    @ParameterizedTest
    @CsvSource({"xfs, mkfs.xfs -q -f, 48", "ext4, mkfs.ext4 -q -m 0, 0"})
    void writesWaitForSpaceAndGoOn(String type, String mkfs, long minFreeMib) {
        try (PoolDisk disk = PoolDisk.make("full", POOL_MIB, mkfs);
                OwnEngine engine = new OwnEngine("full-" + type, List.of(pool(disk, minFreeMib)))) {
            Device device = engine.attach("full", "v", 400 * Guest.MIB);
            // Another owner of files on the pool's disk leaves less than the volume wants.
            fill(disk, disk.freeMib() - minFreeMib - 60);
            try (Background fio = new Background(FIO.formatted(device.getPath()))) {
                engine.awaitLog("pool_full: ", 300);
                assertThat(engine.log()).contains(minFreeMib > 0 ? "keeps free (minFree)" : "go on by themselves");
                assertThat(fio.isRunning()).isTrue();
                assertThat(disk.freeMib()).isBetween(Math.max(0, minFreeMib - SLACK_MIB), minFreeMib + SLACK_MIB);
                whatTakesNoSpaceGoesOn(device);
                Shell.run("rm " + disk.folder() + "/filler");
                fio.await(300).expectSuccess();
            }
            engine.awaitLog("resumed: ", 120);
            engine.detach("full", "v", false);
        }
    }

    private static String pool(PoolDisk disk, long minFreeMib) {
        return "name=full,kind=file,overcommit=100,minFree=" + minFreeMib + "Mi,path=" + disk.folder();
    }

    /** The pool looks at its disk ten times a second, and has done so since. */
    private static void fill(PoolDisk disk, long mib) {
        Shell.run("dd if=/dev/zero of=" + disk.folder() + "/filler bs=1M count=" + mib
                + " oflag=direct status=none && sleep 1");
    }

    /** Fio has written the first blocks and will verify them: they are written again as they are. */
    private static void whatTakesNoSpaceGoesOn(Device device) {
        Shell.run("timeout 120 dd if=" + device.getPath() + " of=/tmp/first bs=64k count=4 iflag=direct status=none"
                + " && timeout 120 dd if=/tmp/first of=" + device.getPath()
                + " bs=64k count=4 oflag=direct conv=notrunc,fsync status=none");
    }

    @Test
    void forceEndsADeviceWhoseWritesWait() {
        try (PoolDisk disk = PoolDisk.make("full", POOL_MIB, "mkfs.xfs -q -f");
                OwnEngine engine = new OwnEngine("full-force", List.of(pool(disk, 64)))) {
            Device device = engine.attach("full", "v", 64 * Guest.MIB);
            fill(disk, disk.freeMib() - 32);
            // The whole device: what is written before the pool's next look at its disk still goes through.
            try (Background writer =
                    new Background("dd if=/dev/zero of=" + device.getPath() + " bs=64k oflag=direct status=none")) {
                engine.awaitLog("pool_full: ", 300);
                assertThat(writer.isRunning()).isTrue();
                engine.detach("full", "v", true);
                assertThat(writer.await(300).output()).contains("No space left on device");
            }
        }
    }
}
