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

    /** A write that waited for less was not held up in the disk when the engine was killed. */
    private static final double HELD_UP_SECONDS = HELD_SECONDS - 3.0;

    @ParameterizedTest
    @EnumSource(names = {"DATA_PATH_PLAIN_COPY", "DATA_PATH_USER_COPY"})
    void anOldWriteNeverLandsOnANewerOne(DataPath path) throws Exception {
        double waited = 0;
        // Of three: on a machine that stands still the kill comes after the write has landed, or before it is begun.
        for (int tries = 0; tries < 3 && waited <= HELD_UP_SECONDS; tries++) {
            waited = overtake(path);
            System.out.printf("%s: the old write was held up for %.1f s%n", path, waited);
        }
        assertThat(waited).as("seconds until the device was served again").isGreaterThan(HELD_UP_SECONDS);
    }

    /** Answers for how many seconds the old write was held up; 0 when it was done before the engine could be killed. */
    private static double overtake(DataPath path) throws Exception {
        AttachOptions options = AttachOptions.newBuilder().setDataPath(path).build();
        try (Engines engines = Engines.withPool("fencing", FOLDER)) {
            Process first = engines.start();
            String device = engines.attach("fenced", 16 * Guest.MIB, options).getPath();
            expectDone(write(device, "newest")); // its blocks are allocated
            throttle(first);
            long heldNs = System.nanoTime();
            Process old = write(device, "old");
            Engines.await(
                    "write under way",
                    () -> !old.isAlive() || Guest.inFlight(device).matches("0 +[1-9]\\d*"));
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1)); // the engine has it, and so has the disk
            boolean held = old.isAlive();
            Engines.kill(first);
            Engines.ended(first);
            Process second = engines.start();
            expectDone(old);
            double waited = (System.nanoTime() - heldNs) / 1e9;
            expectDone(write(device, "newer"));
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2 * HELD_SECONDS) - (System.nanoTime() - heldNs));
            assertThat(Shell.run("dd if=" + device + " bs=5 count=1 iflag=fullblock status=none"))
                    .isEqualTo("newer");
            engines.awaitAllLive();
            engines.clear();
            Engines.terminate(second);
            return held ? waited : 0;
        } finally {
            Shell.attempt("rmdir " + GROUP);
        }
    }

    private static void expectDone(Process write) throws Exception {
        assertThat(write.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(write.exitValue()).isZero();
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
