package io.ublkcsi.controller.volume;

import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.controller.page.Page;
import java.util.List;

/** Lists the volumes that exist: made, and not being deleted. */
public final class ListVolumes {
    private final VolumeStore store;

    public ListVolumes(VolumeStore store) {
        this.store = store;
    }

    public Page<Entry<VolumeSpec, VolumeStatus>> run(int maxEntries, String startingToken) {
        List<Entry<VolumeSpec, VolumeStatus>> all = store.volumes().list().stream()
                .filter(entry -> entry.status().ready() && !entry.spec().deleting())
                .toList();
        return Page.of(all, Entry::id, maxEntries, startingToken);
    }
}
