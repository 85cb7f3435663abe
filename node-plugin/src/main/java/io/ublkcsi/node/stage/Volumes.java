package io.ublkcsi.node.stage;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records of this node's volumes. */
public final class Volumes {
    private static final Logger LOG = LoggerFactory.getLogger(Volumes.class);

    private final VolumeStore store;
    private final String node;

    public Volumes(VolumeStore store, String node) {
        this.store = store;
        this.node = node;
    }

    /**
     * A volume of this node.
     *
     * @throws CsiFault.NotFound when there is none, or it is being deleted
     * @throws CsiFault.Precondition when it lives on another node
     */
    public Entry<VolumeSpec, VolumeStatus> get(String id) {
        Entry<VolumeSpec, VolumeStatus> volume = store.volume("volume_id", id);
        if (!volume.spec().node().equals(node)) {
            throw new CsiFault.Precondition("volume " + id + " lives on node "
                    + volume.spec().node() + ", and this is " + node + "; the pod has to be scheduled there");
        }
        return volume;
    }

    /** A volume of this node whose bytes exist. */
    public Entry<VolumeSpec, VolumeStatus> ready(String id) {
        Entry<VolumeSpec, VolumeStatus> volume = get(id);
        if (!volume.status().ready()) {
            throw new CsiFault.Unavailable(
                    "volume " + id + " is still being made: " + volume.status().reason());
        }
        return volume;
    }

    public void device(String id, boolean attached) {
        store.volumes()
                .report(
                        id,
                        status -> status.withDevice(attached, attached).withPods(attached ? status.pods() : List.of()));
    }

    /** Notes who has it; what can't be noted now is no reason to fail, as the next look at devices sees the mount. */
    public void published(String id, VolumeStatus.Pod pod) {
        note(id, status -> status.withPod(pod));
    }

    public void unpublished(String id, String podUid) {
        note(id, status -> status.withoutPod(podUid));
    }

    private void note(String id, UnaryOperator<VolumeStatus> change) {
        try {
            store.volumes().report(id, change);
        } catch (CsiFault away) {
            LOG.warn("which pods have volume {} is not up to date: {}", id, away.getMessage());
        }
    }

    public void formatting(String id, boolean begun) {
        store.volumes().report(id, status -> status.withFormatting(begun));
    }

    public void filesystemBytes(String id, long bytes) {
        store.volumes().report(id, status -> status.withFilesystemBytes(bytes));
    }
}
