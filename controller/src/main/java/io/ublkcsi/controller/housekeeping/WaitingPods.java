package io.ublkcsi.controller.housekeeping;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.announce.Announcer.Weight;
import io.ublkcsi.common.kubernetes.Calls;
import io.ublkcsi.common.kubernetes.event.Events;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.controller.node.ClusterNodes;
import io.ublkcsi.controller.node.Nodes;
import java.util.List;
import java.util.Optional;

/** Pods that the scheduler can't place, and whose volume is why: told where it is, and what to do. */
public final class WaitingPods implements Chores.Chore {
    private final KubernetesClient client;
    private final ClusterNodes nodes;
    private final Events events;

    public WaitingPods(KubernetesClient client, ClusterNodes nodes, Events events) {
        this.client = client;
        this.nodes = nodes;
        this.events = events;
    }

    @Override
    public void run(ClusterView view) {
        List<Pod> unplaced = Calls.call(
                "list pods without a node",
                () -> client.pods()
                        .inAnyNamespace()
                        .withField("spec.nodeName", "")
                        .list()
                        .getItems());
        unplaced.stream().filter(WaitingPods::isUnschedulable).forEach(pod -> tell(pod, view));
    }

    private static boolean isUnschedulable(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("PodScheduled")
                                && condition.getStatus().equals("False")
                                && "Unschedulable".equals(condition.getReason()));
    }

    private void tell(Pod pod, ClusterView view) {
        for (Volume volume : pod.getSpec().getVolumes()) {
            claim(pod, volume)
                    .flatMap(claim -> view.volumeOf(pod.getMetadata().getNamespace(), claim))
                    .ifPresent(
                            entry -> events.write(about(pod), Weight.WARNING, "VolumeOnNode", message(volume, entry)));
        }
    }

    /** An ephemeral volume's claim is named after pod and volume. */
    private static Optional<String> claim(Pod pod, Volume volume) {
        if (volume.getPersistentVolumeClaim() != null) {
            return Optional.of(volume.getPersistentVolumeClaim().getClaimName());
        }
        return volume.getEphemeral() == null
                ? Optional.empty()
                : Optional.of(pod.getMetadata().getName() + "-" + volume.getName());
    }

    private String message(Volume volume, Entry<VolumeSpec, VolumeStatus> entry) {
        String node = entry.spec().node();
        String where = "volume " + volume.getName() + " is on node " + node + ", and the pod can run only there: ";
        if (nodes.of(node) != Nodes.Standing.PRESENT) {
            return where + nodes.explain(node);
        }
        Optional<Node> object = nodes.find(node);
        if (object.isPresent() && Boolean.TRUE.equals(object.get().getSpec().getUnschedulable())) {
            return where + "the node is cordoned; kubectl uncordon " + node;
        }
        return where + "see the scheduler's event for what keeps the pod from that node (its resources, taints, the"
                + " pod's own node selector or affinity), and change that";
    }

    private static ObjectReference about(Pod pod) {
        return new ObjectReferenceBuilder()
                .withApiVersion("v1")
                .withKind("Pod")
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .build();
    }
}
