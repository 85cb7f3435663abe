package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DataPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Four volumes of one data path under fio with checksums, two of them raw, one with ext4, one with xfs, and a fifth
 * under a {@link StallProbe}: what engines are killed under. The load stands still but for the moments that matter, so
 * that engines start fast.
 */
final class KilledVolumes {
    private static final String FIO = "while [ ! -e %1$s ]; do fio --ioengine=io_uring --direct=1 --verify=crc32c"
            + " --verify_fatal=1 --randrepeat=0 --output-format=terse --terse-version=3 --rw=randwrite --bs=4k"
            + " --thread --iodepth=16 --serialize_overlap=1 --size=8m --verify_backlog=256"
            + " --name=raw1 --filename=%2$s --name=raw2 --filename=%3$s"
            + " --name=ext4 --filename=%4$s/ext4/file --name=xfs --filename=%4$s/xfs/file || exit 1; done";

    private final String label;
    private final Path folder;
    private final Path stop;
    private final StallProbe probe;
    private final Process fio;
    private final Path fioLog;
    private final List<Double> stallsMs = new ArrayList<>();

    KilledVolumes(Engines engines, DataPath path, long seed) {
        this.label = Guest.label(path);
        this.folder = Path.of("/mnt/kills", label);
        this.stop = folder.resolve("stop");
        this.fioLog = folder.resolve("fio.log");
        AttachOptions options = AttachOptions.newBuilder().setDataPath(path).build();
        // What a test that failed has left mounted.
        Shell.attempt("umount -l " + folder + "/ext4; umount -l " + folder + "/xfs");
        Shell.run("mkdir -p " + folder + "/ext4 " + folder + "/xfs && rm -f " + stop);
        String first = attach(engines, "raw-1", 32, options);
        String second = attach(engines, "raw-2", 32, options);
        String ext4 = attach(engines, "ext4", 64, options);
        String xfs = attach(engines, "xfs", 320, options);
        String probed = attach(engines, "probe", 16, options);
        Shell.run("mkfs.ext4 -q -F " + ext4 + " && mount " + ext4 + " " + folder + "/ext4 && mkfs.xfs -q -f " + xfs
                + " && mount " + xfs + " " + folder + "/xfs");
        try {
            probe = new StallProbe(probed, seed);
            fio = new ProcessBuilder("setsid", "bash", "-c", FIO.formatted(stop, first, second, folder))
                    .redirectErrorStream(true)
                    .redirectOutput(fioLog.toFile())
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        // What signals it finds its group only once setsid has made that.
        Engines.await(
                "group of fio",
                () -> !fio.isAlive() || Shell.attempt("kill -0 -" + fio.pid()).status() == 0);
        probe.longestMs();
    }

    private String attach(Engines engines, String name, int mib, AttachOptions options) {
        return engines.attach(label + "-" + name, mib * Guest.MIB, options).getPath();
    }

    /** Such as {@code plain-copy}. */
    String label() {
        return label;
    }

    StallProbe probe() {
        return probe;
    }

    /** How long I/O stood still each time. */
    List<Double> stallsMs() {
        return stallsMs;
    }

    /** No new I/O from now on, but for what is under way. */
    void pause() {
        signal("STOP");
        probe.pause();
    }

    void goOn() {
        probe.goOn();
        signal("CONT");
    }

    private void signal(String name) {
        assertThat(fio.isAlive()).as(said()).isTrue();
        Shell.run("kill -" + name + " -" + fio.pid());
    }

    private String said() {
        return "fio, which said: " + Shell.read(fioLog);
    }

    /** Waits until I/O goes on after the engine's end, and notes how long it stood still. */
    void noteStall() {
        stallsMs.add(probe.longestMs());
    }

    /** Ends the load, and insists that nothing failed, nothing is wrong, and the file systems are clean. */
    void verify() throws Exception {
        goOn();
        Files.createFile(stop);
        assertThat(fio.waitFor(900, TimeUnit.SECONDS)).as("fio ended").isTrue();
        probe.close();
        assertThat(fio.exitValue()).as(said()).isZero();
        assertThat(probe.firstFailure()).isEmpty();
        assertThat(probe.errors()).isZero();
        assertThat(probe.mismatches()).isZero();
        String ext4 = Shell.run("findmnt -no SOURCE " + folder + "/ext4");
        String xfs = Shell.run("findmnt -no SOURCE " + folder + "/xfs");
        Shell.run("umount " + folder + "/ext4 " + folder + "/xfs");
        Shell.run("e2fsck -f -n " + ext4 + " && xfs_repair -n " + xfs);
    }
}
