package io.ublkcsi.node.publish;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.common.validation.VolumeUse;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.mount.MountEntry;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.node.stage.Volumes;
import io.ublkcsi.proto.engine.v1.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a staged volume appear at a target path: its mount, or for raw block the device node itself. */
public final class PublishVolume {
    private final Volumes volumes;
    private final EngineClient engine;
    private final BlockDevices devices;
    private final Mounter mounter;

    public PublishVolume(Volumes volumes, EngineClient engine, BlockDevices devices, Mounter mounter) {
        this.volumes = volumes;
        this.engine = engine;
        this.devices = devices;
        this.mounter = mounter;
    }

    /**
     * Which volume, from where to where, for what.
     *
     * @param pod for whom; {@code null} when the orchestrator did not say
     */
    public record Order(
            String volumeId,
            Path stagingPath,
            Path targetPath,
            VolumeUse use,
            boolean readOnlyFlag,
            VolumeStatus.@Nullable Pod pod) {
        boolean readOnly() {
            return readOnlyFlag || use.readOnly();
        }
    }

    public void run(Order order, Deadline deadline) {
        volumes.ready(order.volumeId());
        if (order.use().block()) {
            publishDevice(order, deadline);
        } else {
            publishMount(order, deadline);
        }
        if (order.pod() != null) {
            volumes.published(order.volumeId(), order.pod());
        }
    }

    private void publishMount(Order order, Deadline deadline) {
        MountTable table = mounter.table();
        MountEntry staged = table.at(order.stagingPath())
                .orElseThrow(() -> new CsiFault.Precondition("staging_target_path: volume " + order.volumeId()
                        + " is not staged at " + order.stagingPath() + "; NodeStageVolume has to come first"));
        Optional<MountEntry> present = table.at(order.targetPath());
        if (present.isEmpty()) {
            refuseSecond(order, table.where(entry -> entry.device().equals(staged.device())));
            Target.createFolder(order.targetPath());
            mounter.bind(order.volumeId(), order.stagingPath(), order.targetPath(), deadline);
        } else if (!present.get().device().equals(staged.device())) {
            throw taken(order, present.get());
        }
        settleReadOnly(order, deadline);
    }

    /** A bind mount starts as writable as its source; one that was cut off before this is made read-only now. */
    private void settleReadOnly(Order order, Deadline deadline) {
        boolean is =
                mounter.table().at(order.targetPath()).map(MountEntry::readOnly).orElse(false);
        if (order.readOnly() && !is) {
            mounter.makeReadOnly(order.volumeId(), order.targetPath(), deadline);
        } else if (!order.readOnly() && is) {
            throw new CsiFault.Exists("readonly: volume " + order.volumeId() + " is published read-only at "
                    + order.targetPath() + "; unpublish it before publishing it for writing");
        }
    }

    private void publishDevice(Order order, Deadline deadline) {
        Device device = engine.device(order.volumeId(), deadline)
                .orElseThrow(() -> new CsiFault.Precondition("staging_target_path: volume " + order.volumeId()
                        + " is not staged; NodeStageVolume has to come first"));
        devices.verify(device);
        Path path = Path.of(device.getPath());
        if (order.readOnly() && !device.getReadOnly()) {
            throw new CsiFault.Precondition("readonly: the device of a raw block volume is writable for all its users"
                    + " or for none; use an access mode that is read-only");
        }
        MountTable table = mounter.table();
        Optional<MountEntry> present = table.at(order.targetPath());
        if (present.isEmpty()) {
            refuseSecond(order, table.where(entry -> entry.isNodeOf(path)));
            Target.createFile(order.targetPath());
            mounter.bind(order.volumeId(), path, order.targetPath(), deadline);
        } else if (!present.get().isNodeOf(path)) {
            throw taken(order, present.get());
        }
    }

    private static void refuseSecond(Order order, List<MountEntry> mounts) {
        List<Path> others = mounts.stream()
                .map(MountEntry::point)
                .filter(point -> !point.equals(order.stagingPath()) && !point.equals(order.targetPath()))
                .toList();
        if (order.use().singlePublish() && !others.isEmpty()) {
            throw new CsiFault.Precondition("volume " + order.volumeId()
                    + " is for a single writer (ReadWriteOncePod) and is published at " + others + " already");
        }
    }

    private static CsiFault taken(Order order, MountEntry present) {
        return new CsiFault.Exists("target_path: " + order.targetPath() + " has " + present.source()
                + " mounted, which is not volume " + order.volumeId());
    }
}
