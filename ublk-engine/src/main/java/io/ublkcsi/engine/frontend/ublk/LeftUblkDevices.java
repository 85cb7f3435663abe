package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The ublk devices on this node that this engine has not made: those of its predecessors, and those of others. */
final class LeftUblkDevices {
    private static final Path DEVICES = Path.of("/sys/class/ublk-char");
    private static final String PREFIX = "ublkc";
    private static final long POLL_NS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long SLOW_POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long SLOWER_AFTER_NS = TimeUnit.SECONDS.toNanos(1);

    private LeftUblkDevices() {}

    static List<LeftDevice> find(UringSyscalls syscalls) {
        List<Integer> ids = ids();
        List<LeftDevice> found = new ArrayList<>();
        if (!ids.isEmpty()) {
            try (UblkControl control = new UblkControl(syscalls)) {
                ids.forEach(id -> add(control, id, found));
            }
        }
        return found;
    }

    private static void add(UblkControl control, int id, List<LeftDevice> found) {
        DeviceInfo info = control.info(id);
        if (info != null && new DeviceToken(info.serverFlags()).isOurs()) {
            UblkControl.DeviceNumbers numbers = UblkNodes.numbers(id);
            Condition condition = condition(info.state());
            BlockLimits limits = UblkNodes.limits(id);
            found.add(new LeftDevice(
                    UblkDevice.facts(info, numbers, info.maxIoBytes(), DataPathChooser.of(info.features())),
                    limits,
                    new DeviceToken(info.serverFlags()),
                    condition));
        }
    }

    private static Condition condition(int state) {
        return switch (state) {
            case DeviceInfo.STATE_LIVE -> Condition.SERVED;
            case DeviceInfo.STATE_QUIESCED -> Condition.WAITING;
            case DeviceInfo.STATE_FAIL_IO -> Condition.FAILING;
            default -> Condition.DEAD;
        };
    }

    /** The driver answers EBUSY until the last ring that had {@code ublkcN} as a fixed file is gone. */
    static void fence(UringSyscalls syscalls, int id, long patienceNs) {
        long startNs = System.nanoTime();
        try (UblkControl control = new UblkControl(syscalls)) {
            while (!control.startRecovery(id)) {
                long waitedNs = System.nanoTime() - startNs;
                if (waitedNs > patienceNs) {
                    throw new EngineException(
                            Kind.DEADLINE_EXCEEDED,
                            "the kernel has not let go of the engine that served " + UblkNodes.block(id)
                                    + ": either it lives ('fuser -v " + UblkNodes.character(id)
                                    + "'), or the pool's disk does not end its last I/O");
                }
                LockSupport.parkNanos(waitedNs < SLOWER_AFTER_NS ? POLL_NS : SLOW_POLL_NS);
            }
        }
    }

    static void discard(UringSyscalls syscalls, int id, boolean force) {
        try (UblkControl control = new UblkControl(syscalls)) {
            DeviceInfo info = control.info(id);
            if (info == null) {
                return;
            }
            if (!force && info.state() != DeviceInfo.STATE_DEAD) {
                discardUnused(control, info);
            } else {
                control.stop(id);
                control.deleteAsync(id);
            }
        }
    }

    private static void discardUnused(UblkControl control, DeviceInfo info) {
        String path = UblkNodes.block(info.id());
        if (!info.has(UblkFeature.SAFE_STOP_DEV)) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "nobody serves " + path + ", and this kernel cannot tell whether somebody uses it (SAFE_STOP_DEV"
                            + " comes with " + UblkFeature.SAFE_STOP_DEV.since()
                            + "): detach by force, which fails its I/O");
        }
        if (!control.tryStop(info.id())) {
            throw UblkErrors.inUse(path);
        }
        control.delete(info.id());
    }

    /** Devices of other programs, and of engines with other state directories. */
    static List<ForeignDevice> foreign(UringSyscalls syscalls, Collection<Integer> ours) {
        List<Integer> others = ids().stream().filter(id -> !ours.contains(id)).toList();
        if (others.isEmpty()) {
            return List.of();
        }
        try (UblkControl control = new UblkControl(syscalls)) {
            return others.stream().map(id -> describe(control, id)).toList();
        }
    }

    private static List<Integer> ids() {
        List<Integer> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DEVICES, PREFIX + "*")) {
            entries.forEach(entry ->
                    ids.add(Integer.valueOf(entry.getFileName().toString().substring(PREFIX.length()))));
        } catch (IOException noDriver) {
            return List.of();
        }
        ids.sort(Comparator.naturalOrder());
        return ids;
    }

    private static ForeignDevice describe(UblkControl control, int id) {
        try {
            DeviceInfo info = control.info(id);
            boolean ownKind = info != null && new DeviceToken(info.serverFlags()).isOurs();
            String server = info == null || info.pid() <= 0 ? "nobody serves it" : "process " + info.pid();
            return new ForeignDevice(
                    FrontendKind.UBLK,
                    id,
                    server + (ownKind ? ", made by an engine with another state directory" : ""));
        } catch (EngineException unknown) {
            return new ForeignDevice(FrontendKind.UBLK, id, unknown.getMessage());
        }
    }
}
