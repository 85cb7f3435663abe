package io.ublkcsi.controller.housekeeping;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What to know before the driver is taken out of a cluster.
 *
 * @param lines for people
 * @param inUse whether pods use volumes now, whose I/O would hang without an engine
 */
public record Farewell(List<String> lines, boolean inUse) {
    /** So many volumes are named. */
    private static final int NAMED = 20;

    public static Farewell of(ClusterView view) {
        List<String> used = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (Map.Entry<String, PersistentVolume> owner : view.owners().entrySet()) {
            Entry<VolumeSpec, VolumeStatus> volume = view.volumes().get(owner.getKey());
            if (volume != null && volume.status().inUse()) {
                used.add(describe(owner.getValue()) + user(volume));
            } else {
                others.add(describe(owner.getValue()));
            }
        }
        List<String> lines = new ArrayList<>();
        list(lines, used, "volumes are in use by pods, and their I/O would hang until the driver is installed again:");
        list(
                lines,
                others,
                "PersistentVolumes are not in use. Nothing of them is lost, and the driver finds them when it is"
                        + " installed again:");
        if (!used.isEmpty()) {
            lines.add("Delete or scale down these pods first. Not asked to: helm uninstall --no-hooks");
        } else if (others.isEmpty()) {
            lines.add("No PersistentVolume uses the driver.");
        }
        return new Farewell(List.copyOf(lines), !used.isEmpty());
    }

    private static void list(List<String> lines, List<String> volumes, String what) {
        if (volumes.isEmpty()) {
            return;
        }
        lines.add(volumes.size() + " " + what);
        volumes.stream().sorted().limit(NAMED).forEach(volume -> lines.add("  " + volume));
        if (volumes.size() > NAMED) {
            lines.add("  and " + (volumes.size() - NAMED) + " more");
        }
    }

    private static String user(Entry<VolumeSpec, VolumeStatus> volume) {
        return ", node " + volume.spec().node()
                + volume.status().pods().stream()
                        .map(pod -> ", pod " + pod.namespace() + "/" + pod.name())
                        .collect(Collectors.joining());
    }

    private static String describe(PersistentVolume volume) {
        ObjectReference claim = volume.getSpec().getClaimRef();
        return volume.getMetadata().getName()
                + (claim == null ? "" : ", claim " + claim.getNamespace() + "/" + claim.getName());
    }
}
