package io.ublkcsi.controller.volume;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;

/** Finds the volume that a request is about. */
public final class LookUp {
    private LookUp() {}

    /**
     * The volume, whether ready or not.
     *
     * @throws CsiFault.NotFound when there is none, or it is being deleted
     */
    public static Entry<VolumeSpec, VolumeStatus> volume(VolumeStore store, String id) {
        return store.volumes()
                .get(id)
                .filter(entry -> !entry.spec().deleting())
                .orElseThrow(() -> new CsiFault.NotFound("volume_id: there is no volume " + id));
    }
}
