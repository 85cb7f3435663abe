package io.ublkcsi.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.ublkcsi.common.time.Deadline;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cluster's Nodes, as an informer sees them. */
public final class ClusterNodes implements Nodes, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterNodes.class);
    private static final String OUT_OF_SERVICE_TAINT = "node.kubernetes.io/out-of-service";

    private final SharedIndexInformer<Node> informer;
    private final Duration releaseAfter;
    /** When a node was first missed, and released if it stays away until then. */
    private final Map<String, Deadline> missed = new ConcurrentHashMap<>();

    /** @param releaseAfter how long a node has to be gone before what it had is released; zero: never */
    public ClusterNodes(KubernetesClient client, Duration releaseAfter) {
        this.releaseAfter = releaseAfter;
        this.informer = client.nodes().runnableInformer(0).exceptionHandler((_, _) -> true);
        informer.start().exceptionally(failure -> {
            LOG.error("the watch of nodes ended", failure);
            return null;
        });
    }

    /** Whether the API server has answered since the start. */
    public boolean isSynced() {
        return informer.hasSynced();
    }

    /** The Node itself. */
    public Optional<Node> find(String node) {
        return Optional.ofNullable(informer.getStore().getByKey(node));
    }

    @Override
    public Standing of(String node) {
        if (!isSynced()) {
            return Standing.PRESENT;
        }
        Optional<Node> object = find(node);
        if (object.isEmpty()) {
            missed.computeIfAbsent(node, _ -> Deadline.in(releaseAfter));
            return Standing.GONE;
        }
        missed.remove(node);
        boolean outOfService = object.get().getSpec().getTaints().stream()
                .anyMatch(taint -> taint.getKey().equals(OUT_OF_SERVICE_TAINT));
        return outOfService ? Standing.OUT_OF_SERVICE : Standing.PRESENT;
    }

    @Override
    public boolean isReleased(String node) {
        Standing standing = of(node);
        Deadline until = missed.get(node);
        return standing == Standing.GONE && !releaseAfter.isZero() && until != null && until.passed();
    }

    @Override
    public void close() {
        informer.close();
    }
}
