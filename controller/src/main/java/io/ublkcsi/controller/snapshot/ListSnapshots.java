package io.ublkcsi.controller.snapshot;

import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.controller.page.Page;
import java.util.List;

/** Lists snapshots that were taken, those still being copied included. */
public final class ListSnapshots {
    private final VolumeStore store;

    public ListSnapshots(VolumeStore store) {
        this.store = store;
    }

    /**
     * Which ones.
     *
     * @param snapshotId empty: any
     * @param sourceVolumeId empty: of any volume
     */
    public record Question(String snapshotId, String sourceVolumeId, int maxEntries, String startingToken) {}

    public Page<Entry<SnapshotSpec, SnapshotStatus>> run(Question question) {
        List<Entry<SnapshotSpec, SnapshotStatus>> all = store.snapshots().list().stream()
                .filter(entry -> entry.status().taken() && !entry.spec().deleting())
                .filter(entry ->
                        question.snapshotId().isEmpty() || question.snapshotId().equals(entry.id()))
                .filter(entry -> question.sourceVolumeId().isEmpty()
                        || question.sourceVolumeId().equals(entry.spec().sourceVolumeId()))
                .toList();
        return Page.of(all, Entry::id, question.maxEntries(), question.startingToken());
    }
}
