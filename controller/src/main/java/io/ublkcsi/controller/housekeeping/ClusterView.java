package io.ublkcsi.controller.housekeeping;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.kubernetes.Calls;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The records, and the PersistentVolumes of this driver, at one moment.
 *
 * @param volumes by id
 * @param owners PersistentVolumes by the id of their volume
 */
public record ClusterView(Map<String, Entry<VolumeSpec, VolumeStatus>> volumes, Map<String, PersistentVolume> owners) {

    /** Records first: one that is made meanwhile is not taken for one without an owner. */
    public static ClusterView of(KubernetesClient client, VolumeStore store, String driver) {
        Map<String, Entry<VolumeSpec, VolumeStatus>> volumes =
                store.volumes().list().stream().collect(Collectors.toMap(Entry::id, Function.identity()));
        List<PersistentVolume> all = Calls.call(
                "list PersistentVolumes",
                () -> client.persistentVolumes().list().getItems());
        Map<String, PersistentVolume> owners = all.stream()
                .filter(volume -> volume.getSpec().getCsi() != null
                        && driver.equals(volume.getSpec().getCsi().getDriver()))
                .collect(Collectors.toMap(
                        volume -> volume.getSpec().getCsi().getVolumeHandle(), Function.identity(), (one, _) -> one));
        return new ClusterView(volumes, owners);
    }

    /** The volume that a claim has. */
    Optional<Entry<VolumeSpec, VolumeStatus>> volumeOf(String namespace, String claim) {
        return owners.entrySet().stream()
                .filter(owner -> names(owner.getValue().getSpec().getClaimRef(), namespace, claim))
                .findFirst()
                .map(owner -> volumes.get(owner.getKey()));
    }

    private static boolean names(ObjectReference reference, String namespace, String claim) {
        return reference != null && namespace.equals(reference.getNamespace()) && claim.equals(reference.getName());
    }
}
