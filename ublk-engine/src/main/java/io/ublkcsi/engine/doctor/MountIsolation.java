package io.ublkcsi.engine.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whether this process may see mounts of the devices that it serves. A container that does is never rid of them: when
 * the engine ends, the kernel takes its mount namespace down and waits for the I/O of what is mounted there, and that
 * I/O waits for the engine. The host's own namespace outlives every engine, so that there it is no matter.
 */
public final class MountIsolation {
    /** {@code PROC_PID_INIT_INO} (include/linux/proc_ns.h): the inode of the first pid namespace, that of the host. */
    private static final String HOST_PIDS = "pid:[4026531836]";

    /** Control group mounts of containers are slaves by runc's own making; no disk is ever mounted there. */
    private static final Pattern HARMLESS = Pattern.compile("cgroup2?|proc|sysfs|mqueue|devpts|securityfs");

    private static final Pattern KUBELET = Pattern.compile(".*/kubelet(/pods|/plugins(/kubernetes\\.io.*)?)?");

    private final NodeFiles node;

    MountIsolation(NodeFiles node) {
        this.node = node;
    }

    /** Why an engine must not serve from this process, in a sentence with the cure; empty when it may. */
    public static String problem() {
        return new MountIsolation(new NodeFiles(Path.of("/"))).describe();
    }

    /** As {@link #problem}. */
    String describe() {
        if (isHost()) {
            return "";
        }
        return node.value("proc/self/mountinfo", "")
                .lines()
                .map(line -> List.of(line.split(" ")))
                .map(this::problemOf)
                .filter(problem -> !problem.isEmpty())
                .findFirst()
                .orElse("");
    }

    /**
     * Whether the first process of the host has mounts of this one. Without CAP_SYS_PTRACE the link {@code ns/mnt} of
     * that process can't be read, its mountinfo can; where it is hidden (hidepid), this is taken for the host.
     */
    private boolean isHost() {
        if (!node.link("proc/self/ns/pid").equals(HOST_PIDS)) {
            return false;
        }
        Set<String> first = mountNumbers("proc/1/mountinfo");
        return first.isEmpty() || mountNumbers("proc/self/mountinfo").stream().anyMatch(first::contains);
    }

    private Set<String> mountNumbers(String mountinfo) {
        return node.value(mountinfo, "")
                .lines()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .collect(Collectors.toSet());
    }

    /** A line of mountinfo, proc(5): number, parent, device, root, mount point, options, propagation..., -, type. */
    private String problemOf(List<String> fields) {
        int dash = fields.indexOf("-");
        if (dash < 0 || HARMLESS.matcher(fields.get(dash + 1)).matches()) {
            return "";
        }
        String root = fields.get(3);
        String point = fields.get(4);
        if (KUBELET.matcher(root).matches() || KUBELET.matcher(point).matches() || holdsKubelet(point)) {
            return "the kubelet's directory is mounted in the engine's container at " + point
                    + ": take that volume away; the node plugin mounts, the engine never does";
        }
        if (isOwnRoot(fields.subList(6, dash), point)) {
            return "";
        }
        boolean propagates = fields.subList(6, dash).stream()
                .anyMatch(tag -> tag.startsWith("shared:") || tag.startsWith("master:"));
        return propagates
                ? "mounts made elsewhere appear in the engine's container below " + point
                        + ": take mountPropagation away from that volume; outside of Kubernetes, start the engine with"
                        + " 'unshare --mount --propagation private'"
                : "";
    }

    /**
     * A container's root, which containerd makes in the host's namespace, is a slave there. What could appear in it is
     * only what someone mounts within that container's own files.
     */
    private boolean isOwnRoot(List<String> tags, String point) {
        return point.equals("/")
                && tags.stream().noneMatch(tag -> tag.startsWith("shared:"))
                && !node.link("proc/self/ns/pid").equals(HOST_PIDS);
    }

    private boolean holdsKubelet(String point) {
        return node.exists((point + "/var/lib/kubelet/pods").replaceFirst("^/+", ""));
    }
}
