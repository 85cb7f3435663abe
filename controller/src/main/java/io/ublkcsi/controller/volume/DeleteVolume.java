package io.ublkcsi.controller.volume;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.StoreWait;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.controller.node.Nodes;

/** Removes a volume. Fine when there is none. */
public final class DeleteVolume {
    private final VolumeStore store;
    private final Nodes nodes;
    private final Removal<VolumeSpec, VolumeStatus> removal;

    public DeleteVolume(VolumeStore store, StoreWait wait, Nodes nodes) {
        this.store = store;
        this.nodes = nodes;
        this.removal = new Removal<>(store.volumes(), Change.Kind.VOLUME, wait, nodes);
    }

    /**
     * Ends when nothing is left of it.
     *
     * @throws CsiFault.Precondition while something uses it; it stays as it is
     */
    public void run(String id, Deadline deadline) {
        store.volumes().get(id).ifPresent(volume -> {
            // A node that is down uses nothing, whatever it last said.
            boolean isUp = nodes.of(volume.spec().node()) == Nodes.Standing.PRESENT;
            if (isUp && !volume.spec().deleting() && volume.status().inUse()) {
                throw new CsiFault.Precondition("volume " + id + " is in use on node "
                        + volume.spec().node() + "; unpublish and unstage it there first");
            }
        });
        removal.run(id, deadline);
    }
}
