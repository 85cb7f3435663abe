package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DataPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An old write that is held up in the pool's disk, while its engine is killed, never lands on top of a newer one. The
 * block layer's throttling holds it: a limit of the dead engine's control group alone, so that newer writes would pass
 * it if they were let. (dm-delay keeps the order, so nothing can pass there.)
 */
class FencingIT {
    private static final String FOLDER = "/mnt/pool-kills";
    private static final Path GROUP = Path.of("/sys/fs/cgroup/ublk-csi-fencing");
    private static final int BYTES = 64 << 10;
    private static final int HELD_SECONDS = 10;

    @ParameterizedTest
    @EnumSource(names = {"DATA_PATH_PLAIN_COPY", "DATA_PATH_USER_COPY"})
    void anOldWriteNeverLandsOnANewerOne(DataPath path) throws Exception {
        AttachOptions options = AttachOptions.newBuilder().setDataPath(path).build();
        try (Engines engines = Engines.withPool("fencing", FOLDER)) {
            Process first = engines.start();
            String device = engines.attach("fenced", 16 * Guest.MIB, options).getPath();
            write(device, "newest").waitFor(60, TimeUnit.SECONDS); // its blocks are allocated
            throttle(first);
            long heldNs = System.nanoTime();
            Process old = write(device, "old");
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
            assertThat(old.isAlive()).as("the old write is held up").isTrue();
            Engines.kill(first);
            Process second = engines.start();
            assertThat(old.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(old.exitValue()).isZero();
            double waited = (System.nanoTime() - heldNs) / 1e9;
            write(device, "newer").waitFor(60, TimeUnit.SECONDS);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2 * HELD_SECONDS) - (System.nanoTime() - heldNs));
            System.out.printf("%s: the old write was held up for %.1f s%n", path, waited);
            assertThat(Shell.run("dd if=" + device + " bs=5 count=1 iflag=fullblock status=none"))
                    .isEqualTo("newer");
            assertThat(waited).as("seconds until the device was served again").isGreaterThan(HELD_SECONDS - 3.0);
            engines.awaitAllLive();
            engines.clear();
            Engines.terminate(second);
        } finally {
            Shell.attempt("rmdir " + GROUP);
        }
    }

    /** Writes {@link #BYTES} bytes that begin with a word to the device's start. */
    private static Process write(String device, String word) throws Exception {
        Path data = Files.createTempFile("fencing", ".data");
        Shell.run("yes " + word + " | head -c " + BYTES + " > " + data);
        return new ProcessBuilder(
                        "dd", "if=" + data, "of=" + device, "bs=" + BYTES, "count=1", "oflag=direct", "conv=notrunc")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Lets the engine write no more than takes it {@link #HELD_SECONDS} for one of our writes. */
    private static void throttle(Process engine) {
        Shell.run("mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup");
        Shell.run("mkdir -p " + GROUP + " && echo +io > /sys/fs/cgroup/cgroup.subtree_control && echo " + engine.pid()
                + " > " + GROUP + "/cgroup.procs");
        String disk = Shell.run("mountpoint -d " + FOLDER);
        Shell.run("echo '" + disk + " wbps=" + BYTES / HELD_SECONDS + "' > " + GROUP + "/io.max");
    }
}
