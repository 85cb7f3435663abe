package io.ublkcsi.engine.frontend.tcmu;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.EngineException.Kind;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls that the kernel does not answer in time, or refuses. */
class KernelCallTest {
    private static final long SHORT_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONG_NS = TimeUnit.MINUTES.toNanos(2);

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }

    @Test
    void whoWaitsIsLetGoWithTheCure() {
        CountDownLatch answer = new CountDownLatch(1);
        KernelCall call = KernelCall.start("making a device", () -> await(answer));

        assertThat(call.await(SHORT_NS)).isFalse();
        assertRefused(Kind.DEADLINE_EXCEEDED, "making a device waits in the kernel and cannot be ended", () -> {
            throw call.leftBehind("ask the doctor");
        });
        assertThat(call.leftBehind("ask the doctor")).hasMessageEndingWith("ask the doctor");
        answer.countDown();
        assertThat(call.await(LONG_NS)).isTrue();
    }

    @Test
    void theKernelsRefusalIsPassedOn() {
        assertRefused(
                Kind.INTERNAL,
                "the scan failed: Device or resource busy",
                () -> KernelCall.within(LONG_NS, "the scan", () -> {
                    throw new FileSystemException("/sys/x", null, "Device or resource busy");
                }));
    }
}
