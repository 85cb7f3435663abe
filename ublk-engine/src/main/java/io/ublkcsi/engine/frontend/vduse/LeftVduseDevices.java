package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DeviceFacts;
import io.ublkcsi.engine.frontend.DeviceNodes;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.frontend.LeftDevice.Condition;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The VDUSE devices on this node that engines of ours have made. */
final class LeftVduseDevices {
    private static final Logger LOG = LoggerFactory.getLogger(LeftVduseDevices.class);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final BlockLimits NO_DISK = BlockLimits.memory(BlockLimits.MIN_BLOCK_BYTES, 512);

    private LeftVduseDevices() {}

    static List<LeftDevice> find() {
        List<LeftDevice> found = new ArrayList<>();
        for (String name : names()) {
            DeviceToken token = VduseNames.token(name);
            if (token != null) {
                found.add(describe(name, token));
            }
        }
        return found;
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(SysDevice.CLASS, VduseNames.PREFIX + "*")) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException noDriver) {
            return List.of();
        }
        return names;
    }

    private static LeftDevice describe(String name, DeviceToken token) {
        Path disk = SysDevice.disk(name);
        BlockLimits limits = disk == null ? NO_DISK : SysDevice.limits(disk);
        return new LeftDevice(facts(name, disk, limits), limits, token, condition(name, disk));
    }

    /** What of a device can be told without serving it; queues and depth are what its log says. */
    private static DeviceFacts facts(String name, @Nullable Path disk, BlockLimits limits) {
        DeviceNodes.Numbers numbers = SysDevice.numbers(disk == null ? SysDevice.CLASS.resolve(name) : disk);
        String path = disk == null ? "/dev/vduse/" + name : "/dev/" + disk.getFileName();
        return new DeviceFacts(
                FrontendKind.VDUSE,
                SysDevice.id(name),
                path,
                numbers.major(),
                numbers.minor(),
                0,
                0,
                VduseDevice.MAX_IO_BYTES,
                FeatureNames.of(BlkConfig.features(limits)),
                VduseDevice.DATA_PATH);
    }

    /** A broken device answers nothing any more: it can only be taken away. */
    private static Condition condition(String name, @Nullable Path disk) {
        VduseFile file = VduseFile.openIfFree(name);
        if (file == null) {
            return Condition.SERVED;
        }
        try (file) {
            return disk == null || file.isBroken() ? Condition.DEAD : Condition.WAITING;
        }
    }

    private static String name(LeftDevice left) {
        return names().stream()
                .filter(name -> left.token().equals(VduseNames.token(name)))
                .findFirst()
                .orElseThrow(() -> new EngineException(Kind.NOT_FOUND, left.path() + " is gone"));
    }

    static VduseStart start(UringSyscalls syscalls, Path folder, LeftDevice left, Backend to) {
        return new VduseStart(syscalls, folder, name(left), to);
    }

    /** The kernel lets nobody else open the device before the dead engine's last thread is gone. */
    static void fence(LeftDevice left, long patienceNs) {
        String name = name(left);
        long deadlineNs = System.nanoTime() + patienceNs;
        for (VduseFile file = VduseFile.openIfFree(name); ; file = VduseFile.openIfFree(name)) {
            if (file != null) {
                file.close();
                return;
            }
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new EngineException(
                        Kind.DEADLINE_EXCEEDED,
                        "the kernel has not let go of the engine that served " + left.path()
                                + ": either it lives ('fuser -v /dev/vduse/" + name
                                + "'), or the pool's disk does not end its last I/O");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    static void discard(UringSyscalls syscalls, Path folder, LeftDevice left, boolean force) {
        String name = name(left);
        if (!force && SysDevice.disk(name) != null) {
            checkUnused(left.path());
        }
        VduseFile file = VduseFile.open(name);
        if (file.isBroken() || !isInUse(name, file) || !InflightFile.isSound(folder, name)) {
            file.close();
            takeAway(name, folder);
            return;
        }
        LOG.info("{} is taken away: what its users wait for fails", left.path());
        FailingBackend nothing = new FailingBackend(left.limits());
        new VduseStart(syscalls, folder, name, nothing).failAndTakeAway(file);
    }

    /** Whether a driver may wait for an answer of ours: it is bound, or is being bound or taken off. */
    private static boolean isInUse(String name, VduseFile file) {
        return SysDevice.isBound(name) || file.isDriven();
    }

    /** Mounted and claimed devices cannot be opened exclusively. A plain open is not seen. */
    static void checkUnused(String path) {
        int claim = Linux.open(path, Linux.O_RDONLY | Linux.O_EXCL);
        if (claim == -Errno.EBUSY) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    path + " is in use: unmount it and close what has it open (fuser -v " + path + " names them),"
                            + " or detach by force, which fails their I/O");
        }
        if (claim >= 0) {
            Linux.close(claim);
        }
    }

    /** Takes a device that has no requests under way off its driver and its bus, and removes it with its log. */
    static void takeAway(String name, Path folder) {
        takeOff(name);
        if (SysDevice.exists(name)) {
            try (VduseControl control = new VduseControl()) {
                control.destroy(name);
            }
        }
        try {
            Files.deleteIfExists(InflightFile.path(folder, name));
        } catch (IOException failure) {
            LOG.warn("the in-flight log of {} cannot be removed: {}", name, failure.toString());
        }
    }

    static void takeOff(String name) {
        if (SysDevice.isBound(name)) {
            VdpaBus.unbind(name);
        }
        if (SysDevice.isOnBus(name)) {
            VdpaBus.remove(name);
        }
    }
}
