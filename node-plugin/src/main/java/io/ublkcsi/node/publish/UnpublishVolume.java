package io.ublkcsi.node.publish;

import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.node.stage.Volumes;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a volume away from a target path, and the path with it. Fine when there is nothing.
 *
 * <p>Asks neither the engine nor the store: a pod must be able to end whatever became of them. That the pod no longer
 * has it is noted where that is possible.
 */
public final class UnpublishVolume {
    /** The kubelet's targets: {@code pods/UID/volumes/...}, and of raw block {@code .../publish/PV/UID}. */
    private static final Pattern POD =
            Pattern.compile(".*/pods/([^/]+)/volumes/.*|.*/volumeDevices/publish/[^/]+/([^/]+)");

    private final Volumes volumes;
    private final Mounter mounter;

    public UnpublishVolume(Volumes volumes, Mounter mounter) {
        this.volumes = volumes;
        this.mounter = mounter;
    }

    /** Which volume, and where from. */
    public record Order(String volumeId, Path targetPath) {}

    public void run(Order order, Deadline deadline) {
        mounter.unmount(order.volumeId(), order.targetPath(), deadline);
        Target.remove(order.targetPath());
        Matcher pod = POD.matcher(order.targetPath().toString());
        if (pod.matches()) {
            volumes.unpublished(order.volumeId(), pod.group(1) == null ? pod.group(2) : pod.group(1));
        }
    }
}
