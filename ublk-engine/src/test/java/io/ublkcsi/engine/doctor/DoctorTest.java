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
    void anotherDaemonsNetlinkFeaturesAreSeen() throws IOException {
        TcmuChecks checks = new TcmuChecks(new NodeFiles(root), new KernelUring());
        assertThat(checks.netlink().verdict()).isEqualTo(Verdict.OK);
        file("sys/kernel/config/target/core/user_0/disk/attrib/nl_reply_supported", "1\n");
        file("sys/kernel/config/target/core/user_21826/ours/attrib/nl_reply_supported", "-1\n");
        assertThat(checks.netlink().verdict()).isEqualTo(Verdict.NOTE);
        assertThat(checks.netlink().finding()).contains("user_0/disk").doesNotContain("ours");
        file("sys/module/target_core_user/parameters/block_netlink", "blocked\n");
        assertThat(checks.netlink().finding()).contains("blocked");
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

    private void thread(int id, String flags) throws IOException {
        file("proc/self/task/" + id + "/stat", id + " (a) name)) S 1 1 1 0 -1 " + flags + " 0 0\n");
    }

    @Test
    void oneThreadThatReclaimDoesNotKnowIsToldOf() throws IOException {
        thread(1, "5767424"); // 0x580100
        thread(2, "1572928"); // 0x180040
        assertThat(named(new ProcessChecks(new NodeFiles(root)).run(), "memory reclaim")
                        .verdict())
                .isEqualTo(Verdict.OK);

        thread(3, "1048640"); // 0x100040: without PF_MEMALLOC_NOIO

        Check check = named(new ProcessChecks(new NodeFiles(root)).run(), "memory reclaim");
        assertThat(check.verdict()).isEqualTo(Verdict.NOTE);
        assertThat(check.finding()).startsWith("2 of 3 threads");
        assertThat(check.cure()).contains("CAP_SYS_RESOURCE");
    }

    @Test
    void processIsDescribedForTheLog() throws IOException {
        thread(1, "1572928");
        file("proc/self/status", "VmLck:\t  204800 kB\nCapEff:\t0000000000204000\nNoNewPrivs:\t1\nSeccomp:\t2\n");

        assertThat(ProcessState.of(new NodeFiles(root)))
                .hasToString("memory reclaim may wait for 1 of its 1 threads, capabilities IPC_LOCK SYS_ADMIN,"
                        + " no_new_privs, a seccomp filter, 200 MiB locked");
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
