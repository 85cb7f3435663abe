package io.ublkcsi.controller.volume;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.Filesystem;
import io.ublkcsi.common.parameters.VolumeParameters;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.store.Source;
import io.ublkcsi.common.store.StoreWait;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.common.validation.VolumeUse;
import io.ublkcsi.controller.node.Nodes;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a volume: writes the wish down, waits for the node to fulfil it.
 *
 * <p>The id follows from the name and the wish is a record, so the call may be repeated and may be cut off anywhere.
 */
public final class CreateVolume {
    private final VolumeStore store;
    private final StoreWait wait;
    private final Placement placement;
    private final Removal<VolumeSpec, VolumeStatus> removal;
    private final Clock clock;

    public CreateVolume(VolumeStore store, StoreWait wait, Nodes nodes, Clock clock) {
        this.store = store;
        this.wait = wait;
        this.placement = new Placement(store, nodes);
        this.removal = new Removal<>(store.volumes(), Change.Kind.VOLUME, wait, nodes);
        this.clock = clock;
    }

    /**
     * What is asked for.
     *
     * @param source {@code null} for an empty volume
     * @param claim what it is for, if the orchestrator said so
     */
    public record Order(
            String id,
            String name,
            CapacityRange capacity,
            List<VolumeUse> uses,
            VolumeParameters parameters,
            @Nullable Source source,
            TopologyWish topology,
            VolumeSpec.@Nullable Claim claim) {}

    /** The volume, ready. */
    public Entry<VolumeSpec, VolumeStatus> run(Order order, Deadline deadline) {
        Optional<Entry<VolumeSpec, VolumeStatus>> existing = store.volumes().get(order.id());
        if (existing.isPresent()) {
            compare(existing.get().spec(), order);
        } else {
            store.volumes().add(wish(order));
        }
        return judge(
                order,
                wait.until(
                        Change.Kind.VOLUME,
                        store.volumes(),
                        order.id(),
                        status -> status.ready() || status.failure() != null,
                        deadline));
    }

    private Entry<VolumeSpec, VolumeStatus> judge(Order order, Optional<Entry<VolumeSpec, VolumeStatus>> entry) {
        if (entry.isEmpty()) {
            throw new CsiFault.Busy("volume " + order.id() + " was deleted meanwhile; call again");
        }
        VolumeStatus status = entry.get().status();
        if (status.ready()) {
            return entry.get();
        }
        if (status.failure() != null) {
            // Nothing may be left of a volume that its caller never heard of.
            removal.withdraw(order.id());
            throw CsiFault.of(status.failure(), status.reason());
        }
        String node = entry.get().spec().node();
        throw new CsiFault.Busy("volume " + order.id() + " is being made on node " + node + ": "
                + status.lastWord()
                + " (" + status.progressPercent() + " %); call again");
    }

    private VolumeSpec wish(Order order) {
        Placed placed = order.source() == null ? place(order) : placeBeside(order, order.source());
        return new VolumeSpec(
                order.id(),
                order.name(),
                placed.node(),
                1,
                false,
                placed.sizeBytes(),
                order.source(),
                order.parameters(),
                order.uses().stream().map(CreateVolume::describe).toList(),
                clock.millis(),
                order.claim(),
                false);
    }

    private Placed place(Order order) {
        Filesystem filesystem = filesystemOf(order);
        long minimum = filesystem == null ? CapacityRange.GRANULE_BYTES : filesystem.minimumBytes();
        String why = filesystem == null ? "one block" : "the least that " + filesystem.text() + " needs";
        long size = order.capacity().choose(minimum, why);
        return new Placed(placement.choose(order.parameters().pool(), size, order.topology()), size);
    }

    private Placed placeBeside(Order order, Source source) {
        return switch (source.kind()) {
            case SNAPSHOT -> besideSnapshot(order, source);
            case VOLUME -> besideVolume(order, source);
        };
    }

    private Placed besideSnapshot(Order order, Source source) {
        Entry<SnapshotSpec, SnapshotStatus> snapshot = store.snapshots()
                .get(source.id())
                .filter(entry -> !entry.spec().deleting())
                .orElseThrow(() ->
                        new CsiFault.NotFound("volume_content_source.snapshot.snapshot_id: there is no " + source));
        if (!snapshot.status().ready()) {
            throw new CsiFault.Unavailable(
                    source + " is not ready to use yet (" + snapshot.status().progressPercent() + " %): "
                            + snapshot.status().reason() + "; call again");
        }
        return beside(
                order,
                source,
                snapshot.spec().pool(),
                snapshot.spec().node(),
                snapshot.status().sizeBytes());
    }

    private Placed besideVolume(Order order, Source source) {
        Entry<VolumeSpec, VolumeStatus> volume = store.volume("volume_content_source.volume.volume_id", source.id());
        if (!volume.status().ready()) {
            throw new CsiFault.Unavailable(
                    source + " is not ready yet: " + volume.status().reason() + "; call again");
        }
        return beside(
                order,
                source,
                volume.spec().pool(),
                volume.spec().node(),
                volume.status().sizeBytes());
    }

    private static Placed beside(Order order, Source source, String pool, String node, long sizeBytes) {
        if (!order.parameters().pool().equals(pool)) {
            throw new CsiFault.Invalid(
                    "parameters[pool]",
                    "'" + order.parameters().pool() + "' is not the pool of " + source + ", '" + pool
                            + "', which a copy has to stay in; use a StorageClass of that pool");
        }
        long size = order.capacity().choose(sizeBytes, "the size of " + source);
        return new Placed(Placement.besideSource(node, order.topology(), source.toString()), size);
    }

    /** The same name may be asked for again, if it is the same volume that is meant. */
    private static void compare(VolumeSpec existing, Order order) {
        if (!existing.name().equals(order.name())) {
            throw new CsiFault.Exists("name: the id that follows from it is taken by '" + existing.name() + "'");
        }
        if (existing.deleting()) {
            throw new CsiFault.Busy("volume " + existing.id() + " is being deleted; call again when it is gone");
        }
        String different = null;
        if (!order.capacity().allows(existing.sizeBytes())) {
            different = "capacity_range (it has " + existing.sizeBytes() + " bytes)";
        } else if (!existing.parameters().equals(order.parameters())) {
            different = "parameters";
        } else if (!Objects.equals(existing.source(), order.source())) {
            different = "volume_content_source (it has " + existing.source() + ")";
        } else if (!existing.uses()
                .equals(order.uses().stream().map(CreateVolume::describe).toList())) {
            different = "volume_capabilities (it has " + existing.uses() + ")";
        } else if (!order.topology().requisite().isEmpty()
                && !order.topology().requisite().contains(existing.node())) {
            different = "accessibility_requirements (it lives on " + existing.node() + ")";
        }
        if (different != null) {
            throw new CsiFault.Exists("volume '" + order.name() + "' exists with another " + different);
        }
    }

    /** The file system whose least size counts; {@code null} for raw block. */
    private static @Nullable Filesystem filesystemOf(Order order) {
        for (VolumeUse use : order.uses()) {
            if (!use.block()) {
                return use.newFilesystem(order.parameters());
            }
        }
        return null;
    }

    private static String describe(VolumeUse use) {
        String filesystem = use.filesystem().map(Filesystem::text).orElse("any");
        return (use.block() ? "block" : "mount " + filesystem) + " " + use.mode();
    }

    private record Placed(String node, long sizeBytes) {}
}
