package io.ublkcsi.node.publish;

import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.mount.Mounter;
import java.nio.file.Path;

/**
 * Takes a volume away from a target path, and the path with it. Fine when there is nothing.
 *
 * <p>Asks neither the engine nor the store: a pod must be able to end whatever became of them.
 */
public final class UnpublishVolume {
    private final Mounter mounter;

    public UnpublishVolume(Mounter mounter) {
        this.mounter = mounter;
    }

    /** Which volume, and where from. */
    public record Order(String volumeId, Path targetPath) {}

    public void run(Order order, Deadline deadline) {
        mounter.unmount(order.volumeId(), order.targetPath(), deadline);
        Target.remove(order.targetPath());
    }
}
