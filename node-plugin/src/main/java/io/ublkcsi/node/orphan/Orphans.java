package io.ublkcsi.node.orphan;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.announce.Announcer;
import io.ublkcsi.common.announce.Announcer.Weight;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.kubernetes.Calls;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.proto.engine.v1.PoolStatus;
import io.ublkcsi.proto.engine.v1.Snapshot;
import io.ublkcsi.proto.engine.v1.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Volumes and snapshots in this node's pools that this cluster had made, and that no record stands for: shown, and
 * removed after a grace time, unless a PersistentVolume still names them.
 */
public final class Orphans implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final VolumeStore store;
    private final EngineClient engine;
    private final Made made;
    private final String node;
    private final Announcer announcer;
    private final Duration grace;
    private final Gauge gauge;
    private final Map<Orphan, Deadline> known = new HashMap<>();
    private final ScheduledExecutorService timer;

    private record Orphan(boolean snapshot, String pool, String id) {
        @Override
        public String toString() {
            return (snapshot ? "snapshot " : "volume ") + id + " in pool " + pool;
        }
    }

    /** What it works on. */
    public record Surroundings(
            KubernetesClient client, VolumeStore store, EngineClient engine, Made made, String node) {}

    /** @param grace after which one is removed; zero: never */
    public Orphans(Surroundings around, Announcer announcer, Duration grace, PrometheusRegistry metrics) {
        this.client = around.client();
        this.store = around.store();
        this.engine = around.engine();
        this.made = around.made();
        this.node = around.node();
        this.announcer = announcer;
        this.grace = grace;
        this.gauge = Gauge.builder()
                .name("ublk_csi_orphans")
                .help("Volumes and snapshots in this node's pools without a record.")
                .labelNames("kind")
                .register(metrics);
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("orphans").factory());
        timer.scheduleWithFixedDelay(this::round, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void round() {
        try {
            look();
        } catch (CsiFault later) {
            LOG.info("orphans are looked for later: {}", later.getMessage());
        } catch (RuntimeException bug) {
            LOG.error("orphans could not be looked for", bug);
        }
    }

    /** One look. */
    void look() {
        List<Orphan> now = find();
        known.keySet().retainAll(now);
        gauge.labelValues("volume")
                .set(now.stream().filter(one -> !one.snapshot()).count());
        gauge.labelValues("snapshot").set(now.stream().filter(Orphan::snapshot).count());
        for (Orphan orphan : now) {
            Deadline end = known.putIfAbsent(orphan, Deadline.in(grace));
            // What is seen for the first time is never removed at once.
            consider(orphan, !grace.isZero() && end != null && end.passed());
        }
    }

    private List<Orphan> find() {
        // Fails where the kinds are unknown: then every record would seem to be gone.
        store.volumes().list();
        store.snapshots().list();
        List<Orphan> candidates = new ArrayList<>();
        for (PoolStatus pool : engine.pools(Deadline.in(LIMIT))) {
            if (!pool.getProblem().isEmpty()) {
                continue;
            }
            for (Volume volume : engine.volumes(pool.getName(), Deadline.in(LIMIT))) {
                candidates.add(new Orphan(false, pool.getName(), volume.getVolumeId()));
            }
            for (Snapshot snapshot : engine.snapshots(pool.getName(), Deadline.in(LIMIT))) {
                candidates.add(new Orphan(true, pool.getName(), snapshot.getSnapshotId()));
            }
        }
        // Records are read last, one by one and from the API server: what was made meanwhile has one.
        return candidates.stream()
                .filter(one -> made.isOurs(one.id()))
                .filter(one -> one.snapshot()
                        ? store.snapshots().get(one.id()).isEmpty()
                        : store.volumes().get(one.id()).isEmpty())
                .toList();
    }

    private void consider(Orphan orphan, boolean isOver) {
        if (!orphan.snapshot() && isNamed(orphan.id())) {
            announcer.aboutNode(
                    node,
                    Weight.WARNING,
                    "VolumeRecordMissing",
                    orphan + " has no UblkVolume, and a PersistentVolume still names it: it is kept."
                            + " Restore the UblkVolume from a backup");
        } else if (!isOver) {
            announcer.aboutNode(
                    node,
                    Weight.WARNING,
                    "Orphan",
                    orphan + " has no record: nobody can use it. "
                            + (grace.isZero()
                                    ? "Remove it with ublk-csi in the engine's pod"
                                    : "It is removed " + grace + " after it was noticed"));
        } else {
            collect(orphan);
        }
    }

    private boolean isNamed(String id) {
        List<PersistentVolume> all = Calls.call(
                "list PersistentVolumes",
                () -> client.persistentVolumes().list().getItems());
        return all.stream()
                .map(volume -> volume.getSpec().getCsi())
                .anyMatch(
                        csi -> csi != null && Driver.LOCAL.equals(csi.getDriver()) && id.equals(csi.getVolumeHandle()));
    }

    private void collect(Orphan orphan) {
        try {
            if (orphan.snapshot()) {
                engine.deleteSnapshot(orphan.pool(), orphan.id(), Deadline.in(LIMIT));
            } else {
                engine.deleteVolume(orphan.pool(), orphan.id(), Deadline.in(LIMIT));
            }
            made.end(orphan.id());
            announcer.aboutNode(node, Weight.NOTE, "OrphanRemoved", orphan + " had no record for " + grace);
        } catch (CsiFault.Precondition inUse) {
            announcer.aboutNode(
                    node,
                    Weight.WARNING,
                    "OrphanInUse",
                    orphan + " has no record and is in use: " + inUse.getMessage());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
