package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.ublk.UblkControl;
import io.ublkcsi.engine.frontend.ublk.UblkFeature;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The kernel and its ublk driver. The driver says what it can do; its version is only told to people. */
final class UblkChecks {
    private static final String DRIVER = "ublk driver";
    private static final String LIMIT = "sys/module/ublk_drv/parameters/ublks_max";

    private final NodeFiles node;
    private final UringSyscalls syscalls;

    UblkChecks(NodeFiles node, UringSyscalls syscalls) {
        this.node = node;
        this.syscalls = syscalls;
    }

    List<Check> run() {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.ok("kernel", node.value("proc/sys/kernel/osrelease", "unknown")));
        try (UblkControl control = new UblkControl(syscalls)) {
            checks.addAll(ofFeatures(control.features()));
            checks.add(deviceLimit(control.features()));
        } catch (EngineException refused) {
            checks.add(Check.bad(DRIVER, "not usable", refused.getMessage()));
        }
        return checks;
    }

    static List<Check> ofFeatures(Set<UblkFeature> features) {
        if (!features.contains(UblkFeature.USER_COPY)) {
            return List.of(Check.bad(
                    DRIVER,
                    "older than kernel 6.5: it has no " + UblkFeature.USER_COPY,
                    "use kernel 6.5 or later, or attach with the VDUSE or TCMU frontend"));
        }
        String names = features.stream().map(UblkFeature::name).collect(Collectors.joining(" "));
        return List.of(
                Check.ok(DRIVER, names),
                dataPaths(features),
                capability(
                        features,
                        UblkFeature.UPDATE_SIZE,
                        "online grow",
                        "a live device follows its volume's size",
                        "a volume has its new size when it is attached the next time"),
                capability(
                        features,
                        UblkFeature.QUIESCE,
                        "hand-over",
                        "an engine hands its devices over before it ends",
                        "an upgrade looks to devices like a crash: their I/O waits until the next engine has them"),
                capability(
                        features,
                        UblkFeature.SAFE_STOP_DEV,
                        "safe stop",
                        "the driver refuses to end a device that is in use",
                        "only mounted devices are known to be in use; one that is merely open can be detached"),
                capability(
                        features,
                        UblkFeature.NO_AUTO_PART_SCAN,
                        "partition scan",
                        "the kernel does not look for partitions in volumes",
                        "the kernel can't be told to look for no partitions: the engine's queues give up"
                                + " CAP_SYS_ADMIN, so that it looks for none, and a request to look fails (EINVAL)"));
    }

    private static Check dataPaths(Set<UblkFeature> features) {
        String granted = Arrays.stream(DataPath.values())
                .filter(path -> features.containsAll(UblkFeature.neededBy(path)))
                .map(DataPath::label)
                .collect(Collectors.joining(" "));
        return features.containsAll(UblkFeature.neededBy(DataPath.ZERO_COPY_AUTO))
                ? Check.ok("data paths", granted)
                : Check.note(
                        "data paths",
                        granted,
                        "zero copy comes with kernel " + UblkFeature.SUPPORT_ZERO_COPY.since()
                                + ", its fastest form with " + UblkFeature.AUTO_BUF_REG.since());
    }

    private static Check capability(
            Set<UblkFeature> features, UblkFeature feature, String name, String with, String without) {
        return features.contains(feature)
                ? Check.ok(name, with)
                : Check.note(name, without, feature + " comes with kernel " + feature.since());
    }

    /** Kernels that have zero copy (6.15) count only the devices of unprivileged users. */
    private Check deviceLimit(Set<UblkFeature> features) {
        String limit = node.value(LIMIT, "");
        long devices = node.entries("sys/class/ublk-char");
        if (limit.isEmpty()) {
            return Check.note("device limit", devices + " devices, limit unknown", "");
        }
        if (features.contains(UblkFeature.SUPPORT_ZERO_COPY)) {
            return Check.ok(
                    "device limit", devices + " devices; the limit of " + limit + " is for unprivileged ones only");
        }
        String finding = devices + " of at most " + limit + " devices (ublks_max)";
        String cure = "for more, say 'echo 1024 > /" + LIMIT + "', or set it in /etc/modprobe.d";
        boolean reached = devices >= Long.parseLong(limit);
        return reached ? Check.bad("device limit", finding, cure) : Check.note("device limit", finding, cure);
    }
}
