package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.LockedMemory;
import java.util.List;

/** What this process may do, as an engine started in its place could. */
final class ProcessChecks {
    /** {@code RLIMIT_*} (include/uapi/asm-generic/resource.h). */
    private static final int RLIMIT_NOFILE = 7;

    private static final long FILES_WANTED = 4096;

    private final ProcessState process;
    private final String mounts;

    ProcessChecks(NodeFiles node) {
        this.process = ProcessState.of(node);
        this.mounts = new MountIsolation(node).describe();
    }

    List<Check> run() {
        return List.of(
                Check.ok("capabilities", process.describeCapabilities()),
                required(
                        "SYS_ADMIN",
                        "ublk devices need it: run the engine as root, and in a container as a privileged one"),
                wanted("MKNOD", "without it, and without the host's /dev, there are no device nodes"),
                privileges(),
                memoryReclaim(),
                mounts.isEmpty()
                        ? Check.ok("mounts", "those of volumes stay out of an engine's sight")
                        : Check.bad("mounts", "an engine would see those of volumes", mounts),
                lockedMemory(),
                openFiles());
    }

    private Check privileges() {
        String filter = process.seccomp() ? "seccomp filter" : "no seccomp filter (UBLK_CSI_SECCOMP=on sets one)";
        return process.noNewPrivileges()
                ? Check.ok("privileges", "no_new_privs, " + filter)
                : Check.note(
                        "privileges",
                        "new ones can be gained, " + filter,
                        "start with bin/ublk-csi, and install Debian's perl-base");
    }

    private Check memoryReclaim() {
        return process.isFlusher()
                ? Check.ok("memory reclaim", "may wait for all threads (PR_SET_IO_FLUSHER)")
                : Check.note(
                        "memory reclaim",
                        process.flushers() + " of " + process.threads() + " threads are marked (PR_SET_IO_FLUSHER)",
                        ProcessState.FLUSHER_CURE);
    }

    private Check required(String capability, String cure) {
        return process.capabilities().contains(capability)
                ? Check.ok("CAP_" + capability, "held")
                : Check.bad("CAP_" + capability, "missing", cure);
    }

    private Check wanted(String capability, String cure) {
        return process.capabilities().contains(capability)
                ? Check.ok("CAP_" + capability, "held")
                : Check.note("CAP_" + capability, "missing", cure);
    }

    private static Check lockedMemory() {
        int failed = LockedMemory.probe();
        return failed == 0
                ? Check.ok("locked memory", "works")
                : Check.note(
                        "locked memory",
                        "refused: " + Errno.name(failed),
                        "say 'ulimit -l unlimited', or give the engine CAP_IPC_LOCK: it serves memory"
                                + " reclaim and must not"
                                + " be swapped out");
    }

    private static Check openFiles() {
        long limit = Linux.softLimit(RLIMIT_NOFILE);
        String finding = limit < 0 ? "no limit" : "limit " + limit;
        return limit < 0 || limit >= FILES_WANTED
                ? Check.ok("open files", finding)
                : Check.note("open files", finding, "say 'ulimit -n 65536' for more than a hundred devices");
    }
}
