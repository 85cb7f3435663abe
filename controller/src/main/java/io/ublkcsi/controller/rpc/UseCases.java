package io.ublkcsi.controller.rpc;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.store.StoreWait;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.controller.capacity.GetCapacity;
import io.ublkcsi.controller.node.Nodes;
import io.ublkcsi.controller.snapshot.CreateSnapshot;
import io.ublkcsi.controller.snapshot.ListSnapshots;
import io.ublkcsi.controller.volume.CreateVolume;
import io.ublkcsi.controller.volume.DeleteVolume;
import io.ublkcsi.controller.volume.ExpandVolume;
import io.ublkcsi.controller.volume.ListVolumes;
import io.ublkcsi.controller.volume.Removal;
import io.ublkcsi.controller.volume.VolumeHealth;
import java.time.Clock;

/** What the controller can do, each a class of its own, over one store. */
public record UseCases(
        VolumeStore store,
        CreateVolume createVolume,
        DeleteVolume deleteVolume,
        ExpandVolume expandVolume,
        ListVolumes listVolumes,
        GetCapacity getCapacity,
        CreateSnapshot createSnapshot,
        Removal<SnapshotSpec, SnapshotStatus> deleteSnapshot,
        ListSnapshots listSnapshots,
        VolumeHealth health) {

    /** Of one machine. */
    public static UseCases over(VolumeStore store, Clock clock) {
        return over(store, Nodes.oneMachine(), clock);
    }

    public static UseCases over(VolumeStore store, Nodes nodes, Clock clock) {
        StoreWait wait = new StoreWait(store);
        return new UseCases(
                store,
                new CreateVolume(store, wait, nodes, clock),
                new DeleteVolume(store, wait, nodes),
                new ExpandVolume(store, wait),
                new ListVolumes(store),
                new GetCapacity(store, nodes),
                new CreateSnapshot(store, wait, nodes, clock),
                new Removal<>(store.snapshots(), Change.Kind.SNAPSHOT, wait, nodes),
                new ListSnapshots(store),
                new VolumeHealth(store));
    }

    Entry<VolumeSpec, VolumeStatus> volume(String id) {
        return store.volume("volume_id", id);
    }

    Entry<SnapshotSpec, SnapshotStatus> snapshot(String id) {
        return store.snapshots()
                .get(id)
                .filter(entry -> entry.status().taken() && !entry.spec().deleting())
                .orElseThrow(() -> new CsiFault.NotFound("snapshot_id: there is no snapshot " + id));
    }
}
