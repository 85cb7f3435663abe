package io.ublkcsi.engine.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In a JVM of its own, because what is locked stays locked. */
class LockedMemoryTest {
    private static final int DEADLINE_S = 60;

    @Test
    void locksEverythingOrNothing() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .inheritIO()
                .start();
        try {
            assertThat(child.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).isZero();
        } finally {
            child.destroyForcibly();
        }
    }

    static final class Child {
        public static void main(String[] args) {
            int probed = LockedMemory.probe();
            assertThat(LockedMemory.bytes()).as("locked after the probe").isZero();
            assertThat(LockedMemory.lock()).isEqualTo(probed);
            if (probed == 0) {
                assertThat(LockedMemory.bytes()).isGreaterThan(8L << 20);
            } else {
                assertThat(probed).isIn(-Errno.EPERM, -Errno.ENOMEM);
                assertThat(LockedMemory.bytes()).isZero();
            }
        }
    }
}
