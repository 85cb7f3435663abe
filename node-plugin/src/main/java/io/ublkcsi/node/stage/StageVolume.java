package io.ublkcsi.node.stage;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.common.validation.VolumeUse;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.engine.EngineRequests;
import io.ublkcsi.node.mount.MountEntry;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.proto.engine.v1.Device;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Makes a volume usable on this node: the engine shows it as a device; unless it is raw, its file system is made if
 * there never was one, checked, mounted at the staging path and grown to the volume's size.
 *
 * <p>Each step looks first whether it is done, and what was done is read from the kernel and from durable records. So
 * the call may be repeated and may be cut off anywhere.
 */
public final class StageVolume {
    private final Volumes volumes;
    private final EngineClient engine;
    private final BlockDevices devices;
    private final Mounter mounter;
    private final StageFilesystem filesystem;

    public StageVolume(
            Volumes volumes, EngineClient engine, BlockDevices devices, Mounter mounter, StageFilesystem filesystem) {
        this.volumes = volumes;
        this.engine = engine;
        this.devices = devices;
        this.mounter = mounter;
        this.filesystem = filesystem;
    }

    /** Which volume, where to, and for what. */
    public record Order(String volumeId, Path stagingPath, VolumeUse use) {}

    public void run(Order order, Deadline deadline) {
        Entry<VolumeSpec, VolumeStatus> volume = volumes.ready(order.volumeId());
        boolean readOnlyDevice = order.use().block() && order.use().readOnly();
        Device device = engine.attach(
                volume.spec().pool(),
                order.volumeId(),
                EngineRequests.attach(volume.spec().parameters(), readOnlyDevice),
                deadline);
        devices.verify(device);
        volumes.device(order.volumeId(), true);
        if (order.use().block()) {
            // Whatever a raw user writes from now on is data: an mkfs that was cut off must not be taken up again.
            volumes.formatting(order.volumeId(), false);
            return;
        }
        if (!alreadyMounted(order, device)) {
            filesystem.mount(volume, device, order, deadline);
        }
        filesystem.grow(order, device, deadline);
    }

    private boolean alreadyMounted(Order order, Device device) {
        Optional<MountEntry> mounted = mounter.table().at(order.stagingPath());
        if (mounted.isEmpty()) {
            return false;
        }
        if (!mounted.get().isFilesystemOn(Path.of(device.getPath()), BlockDevices.numbers(device))) {
            throw new CsiFault.Exists("staging_target_path: " + order.stagingPath() + " has "
                    + mounted.get().source() + " mounted, which is not volume " + order.volumeId());
        }
        if (!order.use().readOnly() && mounted.get().readOnly()) {
            throw new CsiFault.Exists("staging_target_path: volume " + order.volumeId()
                    + " is staged there read-only; unstage it before staging it for writing");
        }
        return true;
    }
}
