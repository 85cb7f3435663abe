package io.ublkcsi.node.expand;

import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.Filesystem;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.filesystem.FilesystemTools;
import io.ublkcsi.node.mount.MountEntry;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.node.process.Commands.Result;
import io.ublkcsi.node.stage.Volumes;
import io.ublkcsi.proto.engine.v1.Device;
import java.nio.file.Path;

/** Brings the device and the file system of a published volume to the size that the controller gave the volume. */
public final class ExpandVolume {
    private final Volumes volumes;
    private final EngineClient engine;
    private final Mounter mounter;
    private final Commands commands;

    public ExpandVolume(Volumes volumes, EngineClient engine, Mounter mounter, Commands commands) {
        this.volumes = volumes;
        this.engine = engine;
        this.mounter = mounter;
        this.commands = commands;
    }

    /**
     * Which volume, and where it is mounted.
     *
     * @param requiredBytes 0: whatever the volume has
     */
    public record Order(String volumeId, Path path, long requiredBytes) {}

    /**
     * The device's size afterwards, in bytes.
     *
     * @throws CsiFault.Precondition where the kernel can't grow a live device; it grows with the next stage
     */
    public long run(Order order, Deadline deadline) {
        Entry<VolumeSpec, VolumeStatus> volume = volumes.ready(order.volumeId());
        MountEntry mounted = mounter.table()
                .at(order.path())
                .orElseThrow(() -> new CsiFault.NotFound(
                        "volume_path: volume " + order.volumeId() + " is not published at " + order.path()));
        long size = volume.status().sizeBytes();
        if (order.requiredBytes() > size) {
            throw new CsiFault.OutOfRange("capacity_range.required_bytes: volume " + order.volumeId() + " has " + size
                    + " bytes; ControllerExpandVolume has to come first");
        }
        Device device = engine.device(order.volumeId(), deadline)
                .orElseThrow(() -> new CsiFault.Precondition("volume " + order.volumeId() + " is not staged"));
        if (device.getSizeBytes() < size) {
            size = engine.resize(volume.spec().pool(), order.volumeId(), deadline);
        }
        boolean hasFilesystem = !mounted.filesystem().equals("devtmpfs");
        if (hasFilesystem && !mounted.superOptions().contains("ro")) {
            growFilesystem(order, mounted, device, size, deadline);
        }
        return size;
    }

    private void growFilesystem(Order order, MountEntry mounted, Device device, long size, Deadline deadline) {
        Filesystem filesystem = Filesystem.parse("mountinfo", mounted.filesystem());
        Result result = commands.run(
                order.volumeId(),
                FilesystemTools.of(filesystem).grow(Path.of(device.getPath()), order.path()),
                deadline);
        if (!result.ok()) {
            throw new CsiFault.Internal("the file system of volume " + order.volumeId() + " could not be grown to "
                    + size + " bytes: " + result.output());
        }
        CrashPoints.reach("expand.after-grow");
        volumes.filesystemBytes(order.volumeId(), size);
    }
}
