package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.engine.sys.Linux;
import java.util.ArrayList;
import java.util.List;

/** What this process may do, as an engine started in its place could. */
final class ProcessChecks {
    /** {@code RLIMIT_*} (include/uapi/asm-generic/resource.h). */
    private static final int RLIMIT_NOFILE = 7;

    private static final int RLIMIT_MEMLOCK = 8;
    /** Room for the engine's memory when it is locked. */
    private static final long MEMLOCK_WANTED = 512L << 20;

    private static final long FILES_WANTED = 4096;

    /** By number (include/uapi/linux/capability.h). */
    private static final String[] CAPABILITIES = {
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "KILL",
        "SETGID",
        "SETUID",
        "SETPCAP",
        "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_ADMIN",
        "NET_RAW",
        "IPC_LOCK",
        "IPC_OWNER",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_CHROOT",
        "SYS_PTRACE",
        "SYS_PACCT",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_NICE",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "MKNOD",
        "LEASE",
        "AUDIT_WRITE",
        "AUDIT_CONTROL",
        "SETFCAP",
        "MAC_OVERRIDE",
        "MAC_ADMIN",
        "SYSLOG",
        "WAKE_ALARM",
        "BLOCK_SUSPEND",
        "AUDIT_READ",
        "PERFMON",
        "BPF",
        "CHECKPOINT_RESTORE",
    };

    private final NodeFiles node;
    private final List<String> effective;

    ProcessChecks(NodeFiles node) {
        this.node = node;
        this.effective = effective();
    }

    private List<String> effective() {
        String mask = node.status("CapEff");
        long bits = mask.isEmpty() ? 0 : Long.parseUnsignedLong(mask, 16);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < CAPABILITIES.length; i++) {
            if ((bits >>> i & 1) != 0) {
                names.add(CAPABILITIES[i]);
            }
        }
        return names;
    }

    List<Check> run() {
        return List.of(
                Check.ok("capabilities", describe()),
                required(
                        "SYS_ADMIN",
                        "ublk devices need it: run the engine as root, and in a container as a privileged one"),
                wanted(
                        "SYS_RESOURCE",
                        "without it the engine cannot say that memory reclaim waits for it (PR_SET_IO_FLUSHER)"),
                wanted("MKNOD", "without it, and without the host's /dev, there are no device nodes"),
                lockedMemory(),
                openFiles());
    }

    private String describe() {
        if (effective.size() == CAPABILITIES.length) {
            return "all";
        }
        return effective.isEmpty() ? "none" : String.join(" ", effective);
    }

    private Check required(String capability, String cure) {
        return effective.contains(capability)
                ? Check.ok("CAP_" + capability, "held")
                : Check.bad("CAP_" + capability, "missing", cure);
    }

    private Check wanted(String capability, String cure) {
        return effective.contains(capability)
                ? Check.ok("CAP_" + capability, "held")
                : Check.note("CAP_" + capability, "missing", cure);
    }

    private Check lockedMemory() {
        long limit = Linux.softLimit(RLIMIT_MEMLOCK);
        String finding = limit < 0 ? "no limit" : "limit " + ByteSize.print(limit);
        boolean enough = limit < 0 || limit >= MEMLOCK_WANTED || effective.contains("IPC_LOCK");
        return enough
                ? Check.ok("locked memory", finding)
                : Check.note(
                        "locked memory",
                        finding,
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
