package io.ublkcsi.controller.housekeeping;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.announce.Announcer.Weight;
import io.ublkcsi.common.kubernetes.Calls;
import io.ublkcsi.common.kubernetes.event.ClusterAnnouncer;
import io.ublkcsi.common.kubernetes.event.Events;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.controller.node.Nodes;
import org.jspecify.annotations.Nullable;

/**
 * Claims whose volume was on a node that is gone for good: deleted, so that whoever made them, such as a StatefulSet,
 * makes them anew elsewhere. Only when that was asked for.
 */
public final class DeletedNodes implements Chores.Chore {
    private final KubernetesClient client;
    private final VolumeStore store;
    private final Nodes nodes;
    private final Events events;

    public DeletedNodes(KubernetesClient client, VolumeStore store, Nodes nodes, Events events) {
        this.client = client;
        this.store = store;
        this.nodes = nodes;
        this.events = events;
    }

    @Override
    public void run(ClusterView view) {
        for (Entry<VolumeSpec, VolumeStatus> volume : view.volumes().values()) {
            if (!nodes.isReleased(volume.spec().node())) {
                continue;
            }
            PersistentVolume owner = view.owners().get(volume.id());
            if (owner == null && volume.spec().deleting()) {
                store.volumes().remove(volume.id());
            } else if (owner != null) {
                release(owner.getSpec().getClaimRef(), volume.spec().node());
            }
        }
        store.snapshots().list().stream()
                .filter(snapshot -> snapshot.spec().deleting()
                        && nodes.isReleased(snapshot.spec().node()))
                .forEach(snapshot -> store.snapshots().remove(snapshot.id()));
    }

    private void release(@Nullable ObjectReference reference, String node) {
        if (reference == null) {
            return;
        }
        var claims = client.persistentVolumeClaims()
                .inNamespace(reference.getNamespace())
                .withName(reference.getName());
        PersistentVolumeClaim claim = Calls.call("read a claim", claims::get);
        boolean ours = claim != null
                && claim.getMetadata().getUid().equals(reference.getUid())
                && claim.getMetadata().getDeletionTimestamp() == null;
        if (ours) {
            events.write(
                    ClusterAnnouncer.claim(reference),
                    Weight.WARNING,
                    "NodeDeleted",
                    "node " + node + " was deleted for good, and this volume's bytes with it; the claim is deleted, too"
                            + " (--release-deleted-nodes-after), so that it can be made anew on another node");
            Calls.call("delete claim " + reference.getNamespace() + "/" + reference.getName(), claims::delete);
        }
    }
}
