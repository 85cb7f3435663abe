package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The engine's process as the kernel shows it. */
class ProcessIT {
    /** {@code PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE}: what PR_SET_IO_FLUSHER sets. */
    private static final long IO_FLUSHER = 0x180000;
    /** SYS_ADMIN 21, IPC_LOCK 14, MKNOD 27, DAC_OVERRIDE 1, NET_ADMIN 12. */
    private static final String KEPT = "0000000008205002";

    private static final Path ENGINE = Path.of("/proc/" + Guest.enginePid());

    @Test
    void memoryReclaimKnowsEveryThread() {
        try (TestVolume volume = TestVolume.attached("flusher", 32 * Guest.MIB)) {
            // Buffered writes and their writeback bring the kernel's own workers of our rings into being.
            Shell.run("dd if=/dev/urandom of=" + volume.path() + " bs=64k count=256 conv=fsync status=none");
            // A thread that ends between the listing and its reading is no thread of the engine's any more.
            List<String> threads = Shell.attempt("cat " + ENGINE + "/task/*/stat 2>/dev/null")
                    .output()
                    .lines()
                    .toList();
            assertThat(threads).hasSizeGreaterThan(10);
            assertThat(threads).allMatch(stat -> (flags(stat) & IO_FLUSHER) == IO_FLUSHER);
        }
    }

    /** The ninth field of {@code /proc/PID/stat}; the name before it may hold spaces and parentheses. */
    private static long flags(String stat) {
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ")[6]);
    }

    @Test
    void privilegesAreBounded() {
        Map<String, String> status = Shell.read(ENGINE.resolve("status"))
                .lines()
                .collect(Collectors.toMap(
                        line -> line.split(":")[0],
                        line -> line.substring(line.indexOf(':') + 1).strip(),
                        (first, second) -> first));
        assertThat(status)
                .containsEntry("CapBnd", KEPT)
                .containsEntry("CapPrm", KEPT)
                .containsEntry("CapEff", KEPT)
                .containsEntry("CapInh", "0000000000000000")
                .containsEntry("CapAmb", "0000000000000000")
                .containsEntry("NoNewPrivs", "1")
                .containsEntry("Seccomp", "2");
        assertThat(Shell.read(ENGINE.resolve("oom_score_adj")).strip()).isEqualTo("-999");
    }

    @Test
    void mountsStayOutOfItsSight() {
        Shell.Result refused = Shell.attempt("unshare --mount --propagation shared " + Guest.environment("E2E_COMMAND")
                + " engine --socket" + " /run/never/engine.sock --state-dir /run/never-state --metrics-address none");
        assertThat(refused.status()).isNotZero();
        assertThat(refused.output()).contains("mountPropagation");
    }

    /** An engine that lacks CAP_SYS_RESOURCE says so in its log, and so does doctor; neither ends because of it. */
    @Test
    void whatIsMissingIsSaid() {
        Shell.Result doctor =
                Shell.attempt("setpriv --bounding-set=-sys_resource " + Guest.environment("E2E_COMMAND") + " doctor");
        assertThat(doctor.output())
                .contains("PR_SET_IO_FLUSHER: Operation not permitted")
                .contains("give the engine CAP_SYS_RESOURCE")
                .contains("SYS_ADMIN");
        assertThat(doctor.status()).as(doctor.output()).isZero();
    }
}
