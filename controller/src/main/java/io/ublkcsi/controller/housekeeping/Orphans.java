package io.ublkcsi.controller.housekeeping;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.announce.Announcer.Weight;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.kubernetes.event.ClusterAnnouncer;
import io.ublkcsi.common.kubernetes.event.Events;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.Spec;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.time.Deadline;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Volumes without a PersistentVolume, and PersistentVolumes without a volume.
 *
 * <p>Only a volume that never had a PersistentVolume is removed, after a grace time: its provisioner was cut off. One
 * whose PersistentVolume is gone was kept on purpose ({@code Retain}).
 */
public final class Orphans implements Chores.Chore {
    /** Between CreateVolume's answer and the PersistentVolume the provisioner needs a moment, with retries more. */
    private static final Duration NOTICE = Duration.ofMinutes(5);

    private final VolumeStore store;
    private final Events events;
    private final Duration grace;
    private final Duration notice;
    private final Gauge gauge;
    private final Map<String, Since> unowned = new HashMap<>();

    /**
     * Since when a volume has been without an owner, as far as this process knows.
     *
     * @param notice when people are told
     * @param end when it is removed
     */
    private record Since(Deadline notice, Deadline end) {}

    /** @param grace after which a volume that never had an owner is removed; zero: never */
    public Orphans(VolumeStore store, Events events, Duration grace, PrometheusRegistry metrics) {
        this(store, events, grace, NOTICE, metrics);
    }

    Orphans(VolumeStore store, Events events, Duration grace, Duration notice, PrometheusRegistry metrics) {
        this.store = store;
        this.events = events;
        this.grace = grace;
        this.notice = notice;
        this.gauge = Gauge.builder()
                .name("ublk_csi_orphans")
                .help("Volumes that never had a PersistentVolume (unowned), or whose PersistentVolume is gone"
                        + " (retained), and PersistentVolumes whose volume has no record (lost).")
                .labelNames("kind")
                .register(metrics);
    }

    @Override
    public void run(ClusterView view) {
        int retained = 0;
        int without = 0;
        unowned.keySet()
                .removeIf(id -> !view.volumes().containsKey(id) || view.owners().containsKey(id));
        for (Entry<VolumeSpec, VolumeStatus> volume : view.volumes().values()) {
            if (view.owners().containsKey(volume.id())) {
                own(volume);
            } else if (volume.spec().deleting()) {
                continue;
            } else if (volume.spec().owned()) {
                retained++;
                tellRetained(volume.id());
            } else if (isOverdue(volume)) {
                without++;
            }
        }
        gauge.labelValues("retained").set(retained);
        gauge.labelValues("unowned").set(without);
        gauge.labelValues("lost").set(lost(view));
    }

    private void own(Entry<VolumeSpec, VolumeStatus> volume) {
        if (!volume.spec().owned()) {
            try {
                store.volumes().update(volume.id(), VolumeSpec::asOwned);
            } catch (CsiFault.NotFound deletedMeanwhile) {
                return;
            }
        }
    }

    private void tellRetained(String id) {
        events.write(
                ClusterAnnouncer.record(id),
                Weight.NOTE,
                "PersistentVolumeGone",
                "its PersistentVolume was deleted, and the bytes were kept (reclaim policy Retain). To use them"
                        + " again make a PersistentVolume with volumeHandle " + id
                        + "; to remove them: kubectl patch ublkvolume "
                        + id + " --type merge -p '{\"spec\":{\"deleting\":true}}'");
    }

    /** Whether it has been without an owner for longer than one needs; removes it after the grace time. */
    private boolean isOverdue(Entry<VolumeSpec, VolumeStatus> volume) {
        Since since = unowned.computeIfAbsent(
                volume.id(), _ -> new Since(Deadline.in(notice), Deadline.in(grace.plus(notice))));
        if (!since.notice().passed()) {
            return false;
        }
        boolean idle = !volume.status().attached() && !volume.status().inUse();
        events.write(
                ClusterAnnouncer.record(volume.id()),
                Weight.WARNING,
                "NoPersistentVolume",
                "no PersistentVolume names this volume"
                        + (grace.isZero()
                                ? ": its provisioner was cut off. If nobody needs it: kubectl patch ublkvolume "
                                        + volume.id() + " --type merge -p '{\"spec\":{\"deleting\":true}}'"
                                : "; it is removed " + grace + " after this was noticed, unless one appears"));
        if (!grace.isZero() && since.end().passed() && idle) {
            store.volumes().update(volume.id(), Spec::toDelete);
        }
        return true;
    }

    private int lost(ClusterView view) {
        int lost = 0;
        for (Map.Entry<String, PersistentVolume> owner : view.owners().entrySet()) {
            PersistentVolume volume = owner.getValue();
            boolean ending = volume.getMetadata().getDeletionTimestamp() != null
                    || volume.getStatus() != null
                            && "Released".equals(volume.getStatus().getPhase());
            if (!ending && !view.volumes().containsKey(owner.getKey())) {
                lost++;
                tellLost(volume, owner.getKey());
            }
        }
        return lost;
    }

    private void tellLost(PersistentVolume volume, String id) {
        if (volume.getSpec().getClaimRef() == null) {
            return;
        }
        events.write(
                ClusterAnnouncer.claim(volume.getSpec().getClaimRef()),
                Weight.WARNING,
                "VolumeRecordMissing",
                "PersistentVolume " + volume.getMetadata().getName() + " names the volume " + id
                        + ", and there is no UblkVolume of that name; its bytes may still be in its node's pool. Was"
                        + " the record deleted by hand, or the cluster restored? Restore the UblkVolume from a backup");
    }
}
