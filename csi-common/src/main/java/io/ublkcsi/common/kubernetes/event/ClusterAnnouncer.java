package io.ublkcsi.common.kubernetes.event;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.ublkcsi.common.announce.Announcer;
import io.ublkcsi.common.kubernetes.resource.Api;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Announcements as Events: of a volume on its claim, and on each pod that has it. */
public final class ClusterAnnouncer implements Announcer {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterAnnouncer.class);

    private final KubernetesClient client;
    private final Events events;

    public ClusterAnnouncer(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    @Override
    public void aboutVolume(Entry<VolumeSpec, VolumeStatus> volume, Weight weight, String reason, String message) {
        LOG.info("volume {}: {}: {}", volume.id(), reason, message);
        events.write(claim(volume.spec()).orElseGet(() -> record(volume.id())), weight, reason, message);
        for (VolumeStatus.Pod pod : volume.status().pods()) {
            events.write(
                    new ObjectReferenceBuilder()
                            .withApiVersion("v1")
                            .withKind("Pod")
                            .withNamespace(pod.namespace())
                            .withName(pod.name())
                            .withUid(pod.uid())
                            .build(),
                    weight,
                    reason,
                    message);
        }
    }

    @Override
    public void aboutNode(String node, Weight weight, String reason, String message) {
        LOG.info("node {}: {}: {}", node, reason, message);
        events.write(
                new ObjectReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(node)
                        // As the kubelet's own events about a node have it.
                        .withUid(node)
                        .build(),
                weight,
                reason,
                message);
    }

    /** The claim as its PersistentVolume names it, with the uid by which people's tools look for its events. */
    private Optional<ObjectReference> claim(VolumeSpec spec) {
        if (spec.claim() == null) {
            return Optional.empty();
        }
        try {
            PersistentVolume volume =
                    client.persistentVolumes().withName(spec.name()).get();
            if (volume != null && volume.getSpec().getClaimRef() != null) {
                return Optional.of(claim(volume.getSpec().getClaimRef()));
            }
        } catch (KubernetesClientException failure) {
            LOG.debug("PersistentVolume {} can't be read: {}", spec.name(), failure.getMessage());
        }
        return Optional.empty();
    }

    /** A PersistentVolume's {@code claimRef} as an Event wants it. */
    public static ObjectReference claim(ObjectReference claimRef) {
        return new ObjectReferenceBuilder()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNamespace(claimRef.getNamespace())
                .withName(claimRef.getName())
                .withUid(claimRef.getUid())
                .build();
    }

    /** A volume's record. */
    public static ObjectReference record(String id) {
        return new ObjectReferenceBuilder()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("UblkVolume")
                .withName(id)
                .build();
    }
}
