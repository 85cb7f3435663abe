package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.frontend.tcmu.TcmuFrontend;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.ArrayList;
import java.util.List;

/** The kernel's SCSI target, and what other programs that use it have left behind. */
final class TcmuChecks {
    private static final String TARGET = "TCMU";
    private static final String NETLINK = "TCMU netlink";
    private static final String DEVICES = "sys/kernel/config/target/core";
    private static final String BLOCKED = "sys/module/target_core_user/parameters/block_netlink";

    private final NodeFiles node;
    private final UringSyscalls syscalls;

    TcmuChecks(NodeFiles node, UringSyscalls syscalls) {
        this.node = node;
        this.syscalls = syscalls;
    }

    List<Check> run() {
        String obstacle = new TcmuFrontend(syscalls).obstacle();
        if (obstacle != null) {
            return List.of(Check.note(TARGET, "not usable", obstacle));
        }
        return List.of(Check.ok(TARGET, "usable"), netlink());
    }

    /**
     * A program that handles target devices may ask the kernel to wait for its answers, for all devices that are made
     * from then on; the kernel goes on waiting when that program has died. Ours say that they want none of it.
     */
    Check netlink() {
        if (node.value(BLOCKED, "").equals("blocked")) {
            return Check.note(
                    NETLINK,
                    "blocked: other programs cannot make or remove devices",
                    "say 'echo 0 > /" + BLOCKED + "' when nobody is repairing something");
        }
        List<String> waiting = new ArrayList<>();
        for (String hba : node.names(DEVICES)) {
            for (String device : node.names(DEVICES + "/" + hba)) {
                String attribute = DEVICES + "/" + hba + "/" + device + "/attrib/nl_reply_supported";
                if (node.value(attribute, "0").equals("1")) {
                    waiting.add(hba + "/" + device);
                }
            }
        }
        return waiting.isEmpty()
                ? Check.ok(NETLINK, "no device makes the kernel wait for a daemon's answers")
                : Check.note(
                        NETLINK,
                        "the kernel waits for a daemon's answers about " + String.join(" ", waiting),
                        "if that daemon (tcmu-runner?) has died, making and removing its devices hangs: start it"
                                + " again, or say 'echo 1 > /" + BLOCKED + "', 'echo 1 > "
                                + "/sys/module/target_core_user/parameters/reset_netlink', 'echo 0 > /" + BLOCKED
                                + "'");
    }
}
