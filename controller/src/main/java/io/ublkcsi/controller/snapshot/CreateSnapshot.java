package io.ublkcsi.controller.snapshot;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.store.StoreWait;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.controller.node.Nodes;
import io.ublkcsi.controller.volume.Removal;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Takes a snapshot of a volume: answers once the point in time is fixed, with or without the copy behind it done. */
public final class CreateSnapshot {
    /** How much longer a copy is waited for; a quick one spares the caller a second call. */
    private static final Duration WAIT_FOR_COPY = Duration.ofSeconds(10);

    private final VolumeStore store;
    private final StoreWait wait;
    private final Removal<SnapshotSpec, SnapshotStatus> removal;
    private final Clock clock;

    public CreateSnapshot(VolumeStore store, StoreWait wait, Nodes nodes, Clock clock) {
        this.store = store;
        this.wait = wait;
        this.removal = new Removal<>(store.snapshots(), Change.Kind.SNAPSHOT, wait, nodes);
        this.clock = clock;
    }

    /** Which volume, and what the snapshot is to be called. */
    public record Order(String id, String name, String sourceVolumeId) {}

    /** The snapshot, taken; perhaps not ready yet. */
    public Entry<SnapshotSpec, SnapshotStatus> run(Order order, Deadline deadline) {
        Optional<Entry<SnapshotSpec, SnapshotStatus>> existing =
                store.snapshots().get(order.id());
        if (existing.isPresent()) {
            compare(existing.get().spec(), order);
        } else {
            store.snapshots().add(wish(order));
        }
        await(order.id(), status -> status.taken() || status.failure() != null, deadline);
        Optional<Entry<SnapshotSpec, SnapshotStatus>> last =
                await(order.id(), status -> status.ready() || status.failure() != null, deadline.atMost(WAIT_FOR_COPY));
        return judge(order, last);
    }

    private Optional<Entry<SnapshotSpec, SnapshotStatus>> await(
            String id, Predicate<SnapshotStatus> wanted, Deadline deadline) {
        return wait.until(Change.Kind.SNAPSHOT, store.snapshots(), id, wanted, deadline);
    }

    private Entry<SnapshotSpec, SnapshotStatus> judge(Order order, Optional<Entry<SnapshotSpec, SnapshotStatus>> last) {
        if (last.isEmpty()) {
            throw new CsiFault.Busy("snapshot " + order.id() + " was deleted meanwhile; call again");
        }
        SnapshotStatus status = last.get().status();
        if (status.failure() != null) {
            removal.withdraw(order.id());
            throw CsiFault.of(status.failure(), status.reason());
        }
        if (!status.taken()) {
            throw new CsiFault.Busy("snapshot " + order.id() + " is not taken yet on node "
                    + last.get().spec().node() + ": "
                    + status.lastWord());
        }
        return last.get();
    }

    private SnapshotSpec wish(Order order) {
        Entry<VolumeSpec, VolumeStatus> volume = store.volume("source_volume_id", order.sourceVolumeId());
        if (!volume.status().ready()) {
            throw new CsiFault.Unavailable("volume " + order.sourceVolumeId() + " is still being made; call again");
        }
        return new SnapshotSpec(
                order.id(),
                order.name(),
                volume.spec().node(),
                1,
                false,
                order.sourceVolumeId(),
                volume.spec().pool(),
                clock.millis());
    }

    private static void compare(SnapshotSpec existing, Order order) {
        if (!existing.name().equals(order.name())) {
            throw new CsiFault.Exists("name: the id that follows from it is taken by '" + existing.name() + "'");
        }
        if (existing.deleting()) {
            throw new CsiFault.Busy("snapshot " + existing.id() + " is being deleted; call again when it is gone");
        }
        if (!existing.sourceVolumeId().equals(order.sourceVolumeId())) {
            throw new CsiFault.Exists(
                    "snapshot '" + order.name() + "' exists, of another volume: " + existing.sourceVolumeId());
        }
    }
}
