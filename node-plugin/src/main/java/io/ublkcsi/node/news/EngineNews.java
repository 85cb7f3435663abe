package io.ublkcsi.node.news;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.announce.Announcer;
import io.ublkcsi.common.announce.Announcer.Weight;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.proto.engine.v1.Event;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the engine's events, on a thread of its own. Volumes' users hear of what holds or ends their I/O, and of an
 * engine that is away for longer than a takeover needs.
 */
public final class EngineNews implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineNews.class);
    private static final Duration TAKEOVER = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** Kinds of events that people are to hear of. What an engine of another version says besides is in its own log. */
    private static final Map<String, Weight> TOLD = Map.of(
            "held", Weight.WARNING,
            "pool_full", Weight.WARNING,
            "stalled", Weight.WARNING,
            "isolated", Weight.WARNING,
            "broken", Weight.WARNING,
            "changed", Weight.WARNING,
            "resumed", Weight.NOTE,
            "recovered", Weight.NOTE);

    private final EngineClient engine;
    private final VolumeStore store;
    private final String node;
    private final Announcer announcer;
    private final Gauge up;
    private final Thread thread;
    private Deadline patience = Deadline.in(TAKEOVER);
    private boolean away;

    public EngineNews(
            EngineClient engine, VolumeStore store, String node, Announcer announcer, PrometheusRegistry metrics) {
        this.engine = engine;
        this.store = store;
        this.node = node;
        this.announcer = announcer;
        this.up = Gauge.builder()
                .name("ublk_csi_engine_up")
                .help("1: the engine of this node answers; 0: it does not, and the node's volumes wait.")
                .register(metrics);
        this.thread = Thread.ofPlatform().daemon().name("engine-news").start(this::run);
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                if (answers()) {
                    isBack();
                    follow();
                    patience = Deadline.in(TAKEOVER);
                } else if (patience.passed()) {
                    isAway();
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean answers() {
        try {
            var _ = engine.devices(Deadline.in(ANSWER));
            return true;
        } catch (CsiFault silent) {
            LOG.debug("no engine: {}", silent.getMessage());
            return false;
        }
    }

    /** Until the engine or the connection ends. */
    private void follow() throws InterruptedException {
        try {
            engine.watch(this::tell);
        } catch (CsiFault.Unsupported older) {
            LOG.debug("this engine tells no events: {}", older.getMessage());
            Thread.sleep(TAKEOVER);
        } catch (CsiFault ended) {
            LOG.info("the engine's events ended: {}", ended.getMessage());
        }
    }

    private void tell(Event event) {
        Weight weight = TOLD.get(event.getKind());
        if (weight == null) {
            return;
        }
        quietly(() -> {
            if (event.getVolumeId().isEmpty()) {
                announcer.aboutNode(node, weight, reason(event.getKind()), event.getMessage());
            } else {
                store.volumes()
                        .get(event.getVolumeId())
                        .ifPresent(volume ->
                                announcer.aboutVolume(volume, weight, reason(event.getKind()), event.getMessage()));
            }
        });
    }

    /** {@code pool_full} as {@code PoolFull}. */
    static String reason(String kind) {
        StringBuilder reason = new StringBuilder();
        for (String word : kind.split("_")) {
            reason.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return reason.toString();
    }

    private void isAway() {
        up.set(0);
        if (!away) {
            away = true;
            announce(
                    Weight.WARNING,
                    "EngineAway",
                    "the engine of node " + node
                            + " does not answer: reads and writes of its volumes wait, and go on"
                            + " when it is back. Look at its pods: kubectl get pods -A -o wide | grep ublk-csi-engine");
        }
    }

    private void isBack() {
        up.set(1);
        if (away) {
            away = false;
            announce(Weight.NOTE, "EngineBack", "the engine of node " + node + " answers again");
        }
    }

    private void announce(Weight weight, String reason, String message) {
        announcer.aboutNode(node, weight, reason, message);
        quietly(() -> store.volumes().list().stream()
                .filter(volume ->
                        volume.spec().node().equals(node) && volume.status().attached())
                .forEach(volume -> announcer.aboutVolume(volume, weight, reason, message)));
    }

    private static void quietly(Runnable telling) {
        try {
            telling.run();
        } catch (CsiFault away) {
            LOG.warn("nobody was told: {}", away.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
