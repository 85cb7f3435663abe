package io.ublkcsi.controller.volume;

import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.controller.page.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is wrong with volumes, as far as the nodes reported it. */
public final class VolumeHealth {
    private final VolumeStore store;
    private final ListVolumes list;

    public VolumeHealth(VolumeStore store) {
        this.store = store;
        this.list = new ListVolumes(store);
    }

    /**
     * One thing that is wrong.
     *
     * @param inaccessible or else usable, but less than promised
     * @param reason one word for programs
     * @param message for people
     */
    public record Complaint(boolean inaccessible, String reason, String message) {}

    /** A volume and all that is wrong with it; nothing, when it is well. */
    public record Health(String volumeId, List<Complaint> complaints) {}

    public Health of(String volumeId) {
        return judge(store.volume("volume_id", volumeId), store.pools());
    }

    public Page<Health> list(int maxEntries, String startingToken) {
        Page<Entry<VolumeSpec, VolumeStatus>> page = list.run(maxEntries, startingToken);
        List<PoolReport> pools = store.pools();
        return new Page<>(
                page.entries().stream().map(entry -> judge(entry, pools)).toList(), page.nextToken());
    }

    private static Health judge(Entry<VolumeSpec, VolumeStatus> volume, List<PoolReport> pools) {
        List<Complaint> complaints = new ArrayList<>();
        Optional<PoolReport> pool = pools.stream()
                .filter(report -> report.node().equals(volume.spec().node())
                        && report.name().equals(volume.spec().pool()))
                .findFirst();
        if (pool.isEmpty()) {
            complaints.add(new Complaint(
                    true,
                    "PoolMissing",
                    "node " + volume.spec().node() + " reports no pool "
                            + volume.spec().pool()));
        } else if (!pool.get().usable()) {
            complaints.add(new Complaint(true, "PoolUnusable", pool.get().problem()));
        }
        if (volume.status().failure() != null) {
            complaints.add(new Complaint(false, "RequestFailed", volume.status().reason()));
        }
        return new Health(volume.id(), complaints);
    }
}
