package io.ublkcsi.node.stage;

import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.Filesystem;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.filesystem.FilesystemTools;
import io.ublkcsi.node.filesystem.FilesystemTools.Verdict;
import io.ublkcsi.node.filesystem.MkfsGuard;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.mount.Mounter;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.node.process.Commands.Result;
import io.ublkcsi.node.stage.StageVolume.Order;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file system of a volume that is being staged: made if it may be, checked, mounted, grown. */
public final class StageFilesystem {
    private static final Logger LOG = LoggerFactory.getLogger(StageFilesystem.class);
    private static final Duration MKFS_LIMIT = Duration.ofMinutes(5);

    private final Volumes volumes;
    private final EngineClient engine;
    private final BlockDevices devices;
    private final Mounter mounter;
    private final MkfsGuard guard;
    private final Commands commands;
    private final Holders holders;

    public StageFilesystem(
            Volumes volumes,
            EngineClient engine,
            BlockDevices devices,
            Mounter mounter,
            MkfsGuard guard,
            Commands commands,
            Holders holders) {
        this.volumes = volumes;
        this.engine = engine;
        this.devices = devices;
        this.mounter = mounter;
        this.guard = guard;
        this.commands = commands;
        this.holders = holders;
    }

    /** Mounts it at the staging path; on an empty volume, makes it first. */
    void mount(Entry<VolumeSpec, VolumeStatus> volume, Device device, Order order, Deadline deadline) {
        Path path = Path.of(device.getPath());
        Volume record = engine.volume(volume.spec().pool(), order.volumeId(), deadline);
        MkfsGuard.Facts facts = new MkfsGuard.Facts(
                record,
                volume.status().formatting(),
                path,
                devices.sizeBytes(path),
                order.use().readOnly());
        Optional<Filesystem> found = guard.decide(facts, deadline);
        Filesystem filesystem = found.orElseGet(() -> wanted(volume.spec(), order));
        checkAsked(order, filesystem, path);
        if (found.isEmpty()) {
            make(volume, path, filesystem, order, deadline);
        }
        if (!record.getFormatted()) {
            engine.markFormatted(volume.spec().pool(), order.volumeId(), filesystem.text(), deadline);
            volumes.formatting(order.volumeId(), false);
        }
        FilesystemTools tools = FilesystemTools.of(filesystem);
        boolean deviceReadOnly = devices.readOnly(path);
        if (found.isPresent() && !deviceReadOnly) { // one that was just made needs no check
            check(tools, path, order, deadline);
        }
        createFolder(order.stagingPath());
        List<String> options = new ArrayList<>(tools.mountOptions(
                order.use().readOnly(), deviceReadOnly, volume.spec().source() != null));
        options.addAll(volume.spec().parameters().mountOptions());
        options.addAll(order.use().mountFlags());
        mounter.mount(order.volumeId(), filesystem.text(), path, order.stagingPath(), options, deadline);
    }

    /** Grows a mounted file system, unless it is known to be as large as the device. */
    void grow(Order order, Device device, Deadline deadline) {
        Path path = Path.of(device.getPath());
        var mounted = mounter.table().at(order.stagingPath());
        long size = devices.sizeBytes(path);
        boolean known = volumes.get(order.volumeId()).status().filesystemBytes() == size;
        if (known || mounted.isEmpty() || mounted.get().readOnly()) {
            return;
        }
        Filesystem filesystem = Filesystem.parse("mountinfo", mounted.get().filesystem());
        Result result = commands.run(
                order.volumeId(), FilesystemTools.of(filesystem).grow(path, order.stagingPath()), deadline);
        if (!result.ok()) {
            throw new CsiFault.Internal("the file system of volume " + order.volumeId() + " could not be grown to "
                    + size + " bytes: " + result.output());
        }
        CrashPoints.reach("stage.after-grow");
        volumes.filesystemBytes(order.volumeId(), size);
    }

    private static Filesystem wanted(VolumeSpec spec, Order order) {
        return order.use().newFilesystem(spec.parameters());
    }

    private static void checkAsked(Order order, Filesystem filesystem, Path device) {
        order.use().filesystem().filter(asked -> asked != filesystem).ifPresent(asked -> {
            throw new CsiFault.Precondition("volume_capability.mount.fs_type: " + asked.text() + " is asked for, but "
                    + device + " holds " + filesystem.text() + "; ask for that, or leave fs_type out");
        });
    }

    /** The intent is on record before the first byte is written, and the end of it before the first mount. */
    private void make(
            Entry<VolumeSpec, VolumeStatus> volume,
            Path device,
            Filesystem filesystem,
            Order order,
            Deadline deadline) {
        List<String> others = holders.processesWith(device);
        if (!others.isEmpty()) {
            throw new CsiFault.Busy(device + " is to be formatted, but " + String.join(", ", others));
        }
        volumes.formatting(order.volumeId(), true);
        List<String> command = FilesystemTools.of(filesystem)
                .make(device, volume.spec().parameters().mkfsOptions());
        Result result = commands.run(order.volumeId(), command, deadline.atMost(MKFS_LIMIT));
        if (!result.ok()) {
            throw new CsiFault.Internal("'" + String.join(" ", command) + "' failed with exit code " + result.exitCode()
                    + ": " + result.output());
        }
        CrashPoints.reach("stage.after-mkfs");
        volumes.filesystemBytes(order.volumeId(), devices.sizeBytes(device));
        LOG.info("made {} on {} for volume {}", filesystem.text(), device, order.volumeId());
    }

    private void check(FilesystemTools tools, Path device, Order order, Deadline deadline) {
        List<String> command = tools.check(device);
        if (command.isEmpty()) {
            return;
        }
        Result result = commands.run(order.volumeId(), command, deadline.atMost(MKFS_LIMIT));
        CrashPoints.reach("stage.after-check");
        Verdict verdict = tools.verdict(result.exitCode());
        String said = "'" + String.join(" ", command) + "' ended with " + result.exitCode() + ": " + result.output();
        switch (verdict) {
            case CLEAN -> LOG.debug("{}", said);
            case REPAIRED -> LOG.warn("volume {}: {}", order.volumeId(), said);
            case DAMAGED ->
                throw new CsiFault.Precondition("the file system of volume " + order.volumeId()
                        + " is damaged in a way that is not repaired unasked; take a snapshot, then run '"
                        + tools.cure(device) + "' on the node. " + said);
            case UNKNOWN ->
                throw new CsiFault.Internal(
                        "the file system of volume " + order.volumeId() + " could not be checked. " + said);
        }
    }

    private static void createFolder(Path path) {
        try {
            Files.createDirectories(path);
        } catch (IOException failure) {
            throw new CsiFault.Internal(
                    "staging_target_path: can't make the folder " + path + ": " + failure.getMessage(), failure);
        }
        CrashPoints.reach("stage.after-folder");
    }
}
