package io.ublkcsi.node.drain;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.time.Deadline;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds the end of the node plugin up while its node is drained: pods that leave need it to unmount their volumes.
 *
 * <p>A roll-out is not held up: without a drain there is nothing to wait for, and on a node that is merely cordoned
 * nothing changes, which is noticed.
 */
public final class DrainWait {
    private static final Duration PERIOD = Duration.ofMillis(500);

    /** Put on a node that is about to go. */
    private static final Set<String> LEAVING = Set.of(
            "node.kubernetes.io/unschedulable",
            "ToBeDeletedByClusterAutoscaler",
            "DeletionCandidateOfClusterAutoscaler",
            "karpenter.sh/disrupted",
            "karpenter.sh/disruption");

    private final VolumeStore store;
    private final String name;
    private final Supplier<@Nullable Node> node;

    /** @param node as it is now; {@code null} when it is gone */
    public DrainWait(VolumeStore store, String name, Supplier<@Nullable Node> node) {
        this.store = store;
        this.name = name;
        this.node = node;
    }

    /**
     * Waits.
     *
     * @param idle this long without a volume given back ends it
     * @return why it ended, for people
     */
    public String run(Deadline deadline, Duration idle) throws InterruptedException {
        long before = Long.MAX_VALUE;
        Deadline patience = Deadline.in(idle);
        while (true) {
            if (!isDraining(node.get())) {
                return "node " + name + " is not being drained";
            }
            long attached = attached();
            if (attached == 0) {
                return "no volume is left on node " + name;
            }
            if (attached < before) {
                patience = Deadline.in(idle);
                before = attached;
            }
            if (deadline.passed() || patience.passed()) {
                return attached + " volumes are still in use on node " + name + ", and "
                        + (deadline.passed() ? "the time is over" : "nothing changed for " + idle);
            }
            Thread.sleep(PERIOD);
        }
    }

    private long attached() {
        return store.volumes().list().stream()
                .filter(volume ->
                        volume.spec().node().equals(name) && volume.status().attached())
                .count();
    }

    static boolean isDraining(@Nullable Node node) {
        if (node == null) {
            return true;
        }
        boolean cordoned = Boolean.TRUE.equals(node.getSpec().getUnschedulable());
        boolean leaving = node.getSpec().getTaints().stream().anyMatch(taint -> LEAVING.contains(taint.getKey()));
        return cordoned || leaving || isShuttingDown(node);
    }

    /** The kubelet says so in words only. */
    private static boolean isShuttingDown(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions().stream().anyMatch(DrainWait::saysShutdown);
    }

    private static boolean saysShutdown(NodeCondition condition) {
        return condition.getType().equals("Ready")
                && !condition.getStatus().equals("True")
                && condition.getMessage() != null
                && condition.getMessage().contains("shutting down");
    }
}
