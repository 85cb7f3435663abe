package io.ublkcsi.node.stage;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.mount.MountEntry;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.proto.engine.v1.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The way back of {@link StageVolume}: unmounts the staging path, ends the device, and makes sure of both. */
public final class UnstageVolume {
    private final Volumes volumes;
    private final EngineClient engine;
    private final Mounter mounter;
    private final Holders holders;

    public UnstageVolume(Volumes volumes, EngineClient engine, Mounter mounter, Holders holders) {
        this.volumes = volumes;
        this.engine = engine;
        this.mounter = mounter;
        this.holders = holders;
    }

    /** Which volume, and where it is staged. */
    public record Order(String volumeId, Path stagingPath) {}

    /**
     * Ends when neither mount nor device is left; fine when there is none.
     *
     * @throws CsiFault.Precondition while someone uses it; the message names whom
     */
    public void run(Order order, Deadline deadline) {
        refuseWhilePublished(order);
        mounter.unmount(order.volumeId(), order.stagingPath(), deadline);
        Optional<Device> device = engine.device(order.volumeId(), deadline);
        if (device.isPresent()) {
            detach(device.get(), deadline);
        }
        volumes.device(order.volumeId(), false);
    }

    /** Other mounts of the same file system would keep the device, after the staging path is gone. */
    private void refuseWhilePublished(Order order) {
        Optional<MountEntry> staged = mounter.table().at(order.stagingPath());
        if (staged.isEmpty()) {
            return;
        }
        List<Path> others = mounter
                .table()
                .where(entry -> entry.device().equals(staged.get().device())
                        && !entry.point().equals(order.stagingPath()))
                .stream()
                .map(MountEntry::point)
                .toList();
        if (!others.isEmpty()) {
            throw new CsiFault.Precondition(
                    "volume " + order.volumeId() + " is still published at " + others + "; unpublish it there first");
        }
    }

    private void detach(Device device, Deadline deadline) {
        try {
            engine.detach(device.getPool(), device.getVolumeId(), deadline);
        } catch (CsiFault.Precondition inUse) {
            throw new CsiFault.Precondition(inUse.getMessage() + "; held by "
                    + holders.ofDevice(Path.of(device.getPath()), BlockDevices.numbers(device)));
        }
        if (engine.device(device.getVolumeId(), deadline).isPresent()) {
            throw new CsiFault.Internal(device.getPath() + " is still there after the engine detached it");
        }
    }
}
