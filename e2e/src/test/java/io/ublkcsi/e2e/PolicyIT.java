package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.RecoveryPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a volume's user has asked for while no engine serves it: to wait, to wait for so long, or to fail. */
class PolicyIT {
    private static final String FOLDER = "/mnt/pool-kills";
    private static final AttachOptions DEFAULTS = AttachOptions.getDefaultInstance();
    private static final AttachOptions FAIL = AttachOptions.newBuilder()
            .setRecovery(RecoveryPolicy.RECOVERY_POLICY_FAIL)
            .build();

    private static final String WRITE = "dd if=/dev/zero of=%s bs=4k count=1 oflag=direct status=none";
    /** Longer than an engine takes to start on a slow machine: it counts from there. */
    private static final long HOLD_SECONDS = 30;

    @Test
    void failFailsAtOnceAndServesAgainWithTheNextEngine() throws Exception {
        try (Engines engines = Engines.withPool("policy", FOLDER)) {
            Process first = engines.start();
            if (!Guest.kernelHas("USER_RECOVERY_FAIL_IO")) {
                assertThatThrownBy(() -> engines.attach("fails", 16 * Guest.MIB, FAIL))
                        .hasMessageContaining("needs a kernel from 6.13 on");
                engines.clear();
                Engines.terminate(first);
                return;
            }
            String fails = engines.attach("fails", 16 * Guest.MIB, FAIL).getPath();
            String waits = engines.attach("waits", 16 * Guest.MIB, DEFAULTS).getPath();
            Shell.run(WRITE.formatted(fails) + " && " + WRITE.formatted(waits));
            Engines.kill(first);
            Engines.ended(first);
            awaitUnserved(fails);
            // Of three, as the machine itself may stand still.
            long failedMs = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                long begin = System.nanoTime();
                assertThat(Shell.attempt(WRITE.formatted(fails)).output()).contains("error writing");
                failedMs = Math.min(failedMs, (System.nanoTime() - begin) / 1_000_000);
            }
            System.out.println("policy fail: an error after " + failedMs + " ms");
            assertThat(failedMs).isLessThan(5000);
            Process waiting = writer(waits);
            assertThat(waiting.waitFor(2, TimeUnit.SECONDS))
                    .as("policy wait waits")
                    .isFalse();
            Process next = engines.start();
            engines.awaitAllLive();
            assertThat(waiting.waitFor(300, TimeUnit.SECONDS)).isTrue();
            assertThat(waiting.exitValue()).isZero();
            Shell.run(WRITE.formatted(fails));
            engines.clear();
            Engines.terminate(next);
        }
    }

    /** The kernel answers with errors once it has noticed that the server is gone. */
    private static void awaitUnserved(String device) {
        Engines.await("error of " + device, () -> {
            Shell.Result read =
                    Shell.attempt("timeout 5 dd if=" + device + " of=/dev/null bs=4k count=1 iflag=direct status=none");
            return read.status() == 1;
        });
    }

    private static Process writer(String device) throws IOException {
        return new ProcessBuilder("bash", "-c", "exec " + WRITE.formatted(device)).start();
    }

    /** The image of one volume is out of reach when the next engine starts: it is held so long, and then it fails. */
    @Test
    void whatCannotBeServedFailsAfterTheHoldTime() throws Exception {
        try (Engines engines = Engines.withPool("policy", FOLDER)) {
            Process first = engines.start();
            String held = engines.attach("held", 16 * Guest.MIB, DEFAULTS).getPath();
            String other = engines.attach("other", 16 * Guest.MIB, DEFAULTS).getPath();
            Engines.kill(first);
            Engines.ended(first);
            Path image = Path.of(FOLDER, "volumes/held.raw");
            Shell.run("mv " + image + " " + image + ".away");
            Process waiting = writer(held);
            long begin = System.nanoTime();
            Process next = engines.start("--hold-time", String.valueOf(HOLD_SECONDS));
            Engines.await("device that is held", () -> engines.said(next).contains("held held: "));
            Shell.run(WRITE.formatted(other));
            assertThat(waiting.waitFor(10 * HOLD_SECONDS, TimeUnit.SECONDS)).isTrue();
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
            System.out.println("hold time of " + HOLD_SECONDS + " s: an error " + seconds + " s after the next start");
            assertThat(waiting.exitValue()).as("it fails now").isNotZero();
            assertThat(seconds).isGreaterThanOrEqualTo(HOLD_SECONDS);
            Engines.await("word of it", () -> engines.said(next).contains("held hold_ended: " + held));
            Shell.run(WRITE.formatted(other));
            engines.clear();
            Shell.run("mv " + image + ".away " + image);
            Engines.terminate(next);
        }
    }
}
