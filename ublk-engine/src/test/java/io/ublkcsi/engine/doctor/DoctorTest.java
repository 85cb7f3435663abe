package io.ublkcsi.engine.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.doctor.Check.Verdict;
import io.ublkcsi.engine.frontend.ublk.UblkFeature;
import io.ublkcsi.engine.pool.file.PoolTraits;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.KernelUring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about nodes of every sort. */
class DoctorTest {
    @TempDir
    private Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static Check named(List<Check> checks, String name) {
        return checks.stream()
                .filter(check -> check.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    @Test
    void newestKernelHasNothingToComplainAbout() {
        assertThat(UblkChecks.ofFeatures(EnumSet.allOf(UblkFeature.class)))
                .allMatch(check -> check.verdict() == Verdict.OK);
    }

    @Test
    void olderKernelIsToldWhatItMisses() {
        List<Check> checks = UblkChecks.ofFeatures(
                EnumSet.of(UblkFeature.USER_COPY, UblkFeature.USER_RECOVERY, UblkFeature.USER_RECOVERY_REISSUE));

        assertThat(checks).noneMatch(Check::isBad);
        assertThat(named(checks, "data paths").finding()).isEqualTo("plain-copy user-copy");
        assertThat(named(checks, "online grow").cure()).contains("6.16");
    }

    @Test
    void kernelThatIsTooOldIsBad() {
        assertThat(UblkChecks.ofFeatures(EnumSet.of(UblkFeature.USER_RECOVERY)))
                .singleElement()
                .satisfies(check -> assertThat(check.cure()).contains("VDUSE"))
                .matches(Check::isBad);
    }

    @Test
    void capabilitiesAreNamed() throws IOException {
        file("proc/self/status", "CapEff:\t0000000000200000\nSeccomp:\t2\n");

        List<Check> checks = new ProcessChecks(new NodeFiles(root)).run();

        assertThat(named(checks, "capabilities").finding()).isEqualTo("SYS_ADMIN");
        assertThat(named(checks, "CAP_SYS_ADMIN").isBad()).isFalse();
        assertThat(named(checks, "CAP_MKNOD").verdict()).isEqualTo(Verdict.NOTE);
    }

    @Test
    void processWithoutRightsIsBad() throws IOException {
        file("proc/self/status", "CapEff:\t0000000000000000\n");

        assertThat(named(new ProcessChecks(new NodeFiles(root)).run(), "CAP_SYS_ADMIN")
                        .cure())
                .contains("privileged");
    }

    @Test
    void forbiddenUringIsBad() throws IOException {
        file("proc/sys/kernel/io_uring_disabled", "2\n");
        file("proc/self/status", "Seccomp:\t2\n");

        List<Check> checks = new UringChecks(new NodeFiles(root), new Refusing()).run();

        assertThat(named(checks, "io_uring sysctl").isBad()).isTrue();
        assertThat(named(checks, "io_uring").isBad()).isTrue();
        assertThat(named(checks, "seccomp").verdict()).isEqualTo(Verdict.NOTE);
    }

    @Test
    void poolThatBuffersIsBad() {
        PoolTraits traits = new PoolTraits("tmpfs", false, 1, 512, 4096, false, true, false, "does no direct I/O");

        assertThat(PoolChecks.of(root, traits)).anyMatch(Check::isBad);
        assertThat(PoolChecks.of(root.resolve("nowhere"))).singleElement().matches(Check::isBad);
    }

    /** A kernel that forbids io_uring. */
    private static final class Refusing implements UringSyscalls {
        private final UringSyscalls never = new KernelUring();

        @Override
        public int setup(int entries, MemorySegment params) {
            return -Errno.EPERM;
        }

        @Override
        public int enter(int ring, int submit, int minComplete, int flags) {
            return never.enter(ring, submit, minComplete, flags);
        }

        @Override
        public int enterTimed(int ring, int submit, int minComplete, int flags, long timeoutNs) {
            return never.enterTimed(ring, submit, minComplete, flags, timeoutNs);
        }

        @Override
        public int register(int ring, int operation, long argument, int count) {
            return never.register(ring, operation, argument, count);
        }

        @Override
        public long mmap(int fd, long length, int protection, long offset) {
            return never.mmap(fd, length, protection, offset);
        }

        @Override
        public int munmap(long address, long length) {
            return never.munmap(address, length);
        }

        @Override
        public int close(int fd) {
            return never.close(fd);
        }
    }
}
