package io.ublkcsi.node.reconcile;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.PoolStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what the node has: its pools' room, and which volumes have a device.
 *
 * <p>A pool's room changes with every write to it. What matters to whoever places volumes is written at once, the rest
 * now and then.
 */
final class NodeReport {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final Duration TAKEOVER = Duration.ofSeconds(20);
    private static final Duration SMALL_CHANGES = Duration.ofSeconds(30);
    /** A change of one part in this many is not small. */
    private static final int SHARE = 100;

    private final VolumeStore store;
    private final String node;
    private final EngineClient engine;
    private final Supplier<MountTable> mounts;
    private final Duration takeover;
    private volatile Deadline patience;
    private volatile Reported reported = new Reported(List.of(), Deadline.in(Duration.ZERO));

    /**
     * What the store was told.
     *
     * @param due when small changes are to be told as well
     */
    private record Reported(List<PoolReport> pools, Deadline due) {}

    NodeReport(VolumeStore store, String node, EngineClient engine, Supplier<MountTable> mounts) {
        this(store, node, engine, mounts, TAKEOVER);
    }

    /** @param takeover how long an engine may be silent before its pools are of no use */
    NodeReport(VolumeStore store, String node, EngineClient engine, Supplier<MountTable> mounts, Duration takeover) {
        this.takeover = takeover;
        this.patience = Deadline.in(takeover);
        this.store = store;
        this.node = node;
        this.engine = engine;
        this.mounts = mounts;
    }

    /** @throws CsiFault when the engine does not answer; away for longer, nobody may count on its pools */
    void pools() {
        List<PoolReport> now;
        try {
            now = engine.pools(Deadline.in(LIMIT)).stream().map(this::report).toList();
            patience = Deadline.in(takeover);
        } catch (CsiFault.Unavailable | CsiFault.Timeout silent) {
            if (patience.passed()) {
                tell(lastSeen().stream()
                        .map(pool -> pool.unusable("the engine of node " + node + " does not answer; does it run?"))
                        .toList());
            }
            throw silent;
        }
        tell(now);
    }

    private List<PoolReport> lastSeen() {
        List<PoolReport> last = reported.pools();
        return last.isEmpty()
                ? store.pools().stream()
                        .filter(pool -> pool.node().equals(node))
                        .toList()
                : last;
    }

    private void tell(List<PoolReport> now) {
        Reported before = reported;
        if (before.due().passed() || differ(before.pools(), now)) {
            store.reportPools(node, now);
            reported = new Reported(now, Deadline.in(SMALL_CHANGES));
        }
    }

    private static boolean differ(List<PoolReport> before, List<PoolReport> now) {
        if (before.size() != now.size()) {
            return true;
        }
        for (int i = 0; i < now.size(); i++) {
            PoolReport one = before.get(i);
            PoolReport other = now.get(i);
            long step = Math.max(1, other.totalBytes() / SHARE);
            boolean same = one.name().equals(other.name())
                    && one.problem().equals(other.problem())
                    && one.totalBytes() == other.totalBytes()
                    && Math.abs(one.availableBytes() - other.availableBytes()) < step
                    && Math.abs(one.maximumVolumeBytes() - other.maximumVolumeBytes()) < step;
            if (!same) {
                return true;
            }
        }
        return false;
    }

    /** Puts right what a stage or unstage that was cut off left wrong. */
    void devices() {
        Map<String, Device> devices = engine.devices(Deadline.in(LIMIT)).stream()
                .collect(Collectors.toMap(Device::getVolumeId, Function.identity(), (first, _) -> first));
        for (Entry<VolumeSpec, VolumeStatus> volume : store.volumes().list()) {
            boolean ours = volume.spec().node().equals(node);
            if (ours && !observed(volume.status(), devices.get(volume.id())).equals(volume.status())) {
                // Looked at again inside the change: a stage or unstage meanwhile must not be written over.
                store.volumes().report(volume.id(), status -> observed(status, device(volume.id())));
            }
        }
    }

    private @Nullable Device device(String id) {
        return engine.device(id, Deadline.in(LIMIT)).orElse(null);
    }

    private VolumeStatus observed(VolumeStatus status, @Nullable Device device) {
        return device == null
                ? status.withDevice(false, false, "")
                : status.withDevice(true, isMounted(mounts.get(), device), shownBy(device));
    }

    /** Such as {@code /dev/sda by tcmu, auto: the first that this node has; ublk: ...}. */
    private static String shownBy(Device device) {
        return device.getPath() + " by "
                + device.getFrontend().name().replace("FRONTEND_", "").toLowerCase(Locale.ROOT) + ", "
                + device.getFrontendReason();
    }

    private static boolean isMounted(MountTable table, Device device) {
        Path path = Path.of(device.getPath());
        String numbers = BlockDevices.numbers(device);
        return table.entries().stream().anyMatch(entry -> entry.isNodeOf(path) || entry.isFilesystemOn(path, numbers));
    }

    private PoolReport report(PoolStatus pool) {
        return new PoolReport(
                node,
                pool.getName(),
                pool.getKind(),
                pool.getTotalBytes(),
                pool.getAvailableBytes(),
                pool.getMaximumVolumeBytes(),
                pool.getReflink(),
                pool.getLogicalBlockBytes(),
                pool.getProblem());
    }
}
