package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
import io.ublkcsi.engine.uring.UringParams;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.List;

/** Whether this process may use io_uring, and what may keep it from doing so. */
final class UringChecks {
    private static final int FLAGS = UringParams.SETUP_SINGLE_ISSUER | UringParams.SETUP_DEFER_TASKRUN;
    private static final int ENTRIES = 4;

    private final NodeFiles node;
    private final UringSyscalls syscalls;

    UringChecks(NodeFiles node, UringSyscalls syscalls) {
        this.node = node;
        this.syscalls = syscalls;
    }

    List<Check> run() {
        return List.of(sysctl(), ring(), seccomp());
    }

    private Check sysctl() {
        String name = "io_uring sysctl";
        return switch (node.value("proc/sys/kernel/io_uring_disabled", "0")) {
            case "0" -> Check.ok(name, "allowed for everybody");
            case "1" ->
                Check.note(name, "kernel.io_uring_disabled is 1", "the engine needs CAP_SYS_ADMIN, or io_uring_group");
            default ->
                Check.bad(name, "kernel.io_uring_disabled is 2: forbidden", "say 'sysctl kernel.io_uring_disabled=1'");
        };
    }

    private Check ring() {
        String name = "io_uring";
        try (Ring _ = new Ring(syscalls, ENTRIES, FLAGS)) {
            return Check.ok(name, "a ring was made");
        } catch (RingException refused) {
            return Check.bad(name, "no ring could be made", refused.getMessage());
        }
    }

    private Check seccomp() {
        return node.status("Seccomp").equals("2")
                ? Check.note(
                        "seccomp",
                        "a filter is in place",
                        "when the line 'io_uring' is bad, let it pass io_uring_setup, io_uring_enter"
                                + " and io_uring_register")
                : Check.ok("seccomp", "no filter");
    }
}
