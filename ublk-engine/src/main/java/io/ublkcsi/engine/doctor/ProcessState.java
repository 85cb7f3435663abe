package io.ublkcsi.engine.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the launcher made of this process, as the kernel shows it now.
 *
 * @param threads of the process
 * @param flushers threads that memory reclaim may wait for (PR_SET_IO_FLUSHER): they never wait for it themselves
 * @param capabilities that are effective, by their names without {@code CAP_}
 * @param noNewPrivileges whether nothing that is executed can gain any
 * @param seccomp whether a filter is in place
 * @param lockedBytes of memory that can't be swapped out
 */
public record ProcessState(
        int threads,
        int flushers,
        List<String> capabilities,
        boolean noNewPrivileges,
        boolean seccomp,
        long lockedBytes) {

    /** What to do when threads are not marked. */
    public static final String FLUSHER_CURE =
            "give the engine CAP_SYS_RESOURCE, and start it with bin/ublk-csi: when memory is"
                    + " short, the kernel can wait for the engine while the engine waits for memory";

    /** {@code PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE} (include/linux/sched.h): what PR_SET_IO_FLUSHER sets. */
    private static final long IO_FLUSHER = 0x180000;

    /** Of {@code /proc/PID/stat}, counted from the state, which is the first field behind the name (proc(5)). */
    private static final int FLAGS_FIELD = 6;

    private static final int KIB = 1024;

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

    /** This process. */
    public static ProcessState ofSelf() {
        return of(new NodeFiles(Path.of("/")));
    }

    static ProcessState of(NodeFiles node) {
        List<Long> flags = flags(node);
        return new ProcessState(
                flags.size(),
                (int) flags.stream().filter(ProcessState::isFlusher).count(),
                capabilities(node.status("CapEff")),
                node.status("NoNewPrivs").equals("1"),
                node.status("Seccomp").equals("2"),
                kib(node.status("VmLck")) * KIB);
    }

    private static boolean isFlusher(long flags) {
        return (flags & IO_FLUSHER) == IO_FLUSHER;
    }

    private static List<Long> flags(NodeFiles node) {
        List<Long> flags = new ArrayList<>();
        for (String thread : node.names("proc/self/task")) {
            String stat = node.value("proc/self/task/" + thread + "/stat", "");
            // The name before the last parenthesis may hold anything. A thread that has ended has no line.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
            if (fields.length > FLAGS_FIELD) {
                flags.add(Long.parseLong(fields[FLAGS_FIELD]));
            }
        }
        return flags;
    }

    private static List<String> capabilities(String mask) {
        long bits = mask.isEmpty() ? 0 : Long.parseUnsignedLong(mask, 16);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < CAPABILITIES.length; i++) {
            if ((bits >>> i & 1) != 0) {
                names.add(CAPABILITIES[i]);
            }
        }
        return names;
    }

    private static long kib(String line) {
        return line.isEmpty() ? 0 : Long.parseLong(line.substring(0, line.indexOf(' ')));
    }

    /** Every thread is marked. */
    public boolean isFlusher() {
        return threads > 0 && flushers == threads;
    }

    /** The capabilities in a line. */
    public String describeCapabilities() {
        if (capabilities.size() == CAPABILITIES.length) {
            return "all";
        }
        return capabilities.isEmpty() ? "none" : String.join(" ", capabilities);
    }

    /** For the log, in a sentence. */
    @Override
    public String toString() {
        return "memory reclaim may wait for " + flushers + " of its " + threads + " threads, capabilities "
                + describeCapabilities() + ", " + (noNewPrivileges ? "" : "no ") + "no_new_privs, "
                + (seccomp ? "a" : "no") + " seccomp filter, " + (lockedBytes >> 20) + " MiB locked";
    }
}
