package io.ublkcsi.node.cli;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.announce.Announcer;
import io.ublkcsi.common.cli.OpenStore;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.kubernetes.event.ClusterAnnouncer;
import io.ublkcsi.common.kubernetes.event.Events;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.news.EngineNews;
import io.ublkcsi.node.orphan.Made;
import io.ublkcsi.node.orphan.Notes;
import io.ublkcsi.node.orphan.Orphans;
import io.ublkcsi.node.reconcile.Reconciler;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the node plugin does on its own: the reconciler, the engine's news, orphans. Ended in the reverse order. */
final class NodeWork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeWork.class);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final OpenStore opened;
    private final String node;
    private final EngineClient engine;
    private final Holders holders;
    private final PrometheusRegistry metrics;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private volatile @Nullable Thread starting;

    NodeWork(OpenStore opened, String node, EngineClient engine, Holders holders, PrometheusRegistry metrics) {
        this.opened = opened;
        this.node = node;
        this.engine = engine;
        this.holders = holders;
        this.metrics = metrics;
    }

    /** @param state where notes are kept; {@code null}: none are */
    void start(@Nullable Path state, Duration orphanGrace) throws IOException {
        KubernetesClient client = opened.cluster();
        if (client == null) {
            begin(Notes.none(), Announcer.toLog());
            return;
        }
        Announcer announcer = new ClusterAnnouncer(client, new Events(client, Driver.LOCAL + "/node", node));
        if (state == null) {
            begin(Notes.none(), announcer);
            return;
        }
        Files.createDirectories(state);
        // Which cluster this is has to be known first, and the API server may be away.
        starting = Thread.ofPlatform().daemon().name("start").start(() -> {
            try {
                Optional<String> cluster = awaitCluster(client);
                if (cluster.isEmpty()) {
                    begin(Notes.none(), announcer);
                    return;
                }
                Made made = new Made(state, cluster.get());
                begin(made, announcer);
                keep(new Orphans(
                        new Orphans.Surroundings(client, opened.store(), engine, made, node),
                        announcer,
                        orphanGrace,
                        metrics));
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            } catch (IOException failure) {
                LOG.error(
                        "--state {} can't be used, and nothing is made on this node: {}", state, failure.getMessage());
            }
        });
    }

    private void begin(Notes notes, Announcer announcer) {
        keep(new Reconciler(opened.store(), node, engine, MountTable.live(), holders, notes));
        keep(new EngineNews(engine, opened.store(), node, announcer, metrics));
    }

    private synchronized void keep(AutoCloseable work) {
        running.push(work);
    }

    /** The uid of kube-system: as long as the cluster lives, and no longer. Empty when this plugin may not ask. */
    private static Optional<String> awaitCluster(KubernetesClient client) throws InterruptedException {
        while (true) {
            try {
                Namespace system = client.namespaces().withName("kube-system").get();
                if (system != null) {
                    return Optional.of(system.getMetadata().getUid());
                }
            } catch (KubernetesClientException failure) {
                if (failure.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                    LOG.warn(
                            "no orphans are looked for in the pools: {}; see docs/kubernetes.md", failure.getMessage());
                    return Optional.empty();
                }
                LOG.warn("waiting for the API server: {}", failure.getMessage());
            }
            Thread.sleep(RETRY);
        }
    }

    @Override
    public void close() {
        Thread starter = starting;
        if (starter != null) {
            starter.interrupt();
        }
        synchronized (this) {
            while (!running.isEmpty()) {
                end(running.pop());
            }
        }
    }

    private static void end(AutoCloseable work) {
        try {
            work.close();
        } catch (Exception failure) {
            LOG.warn("{} did not end well: {}", work, failure.getMessage());
        }
    }
}
