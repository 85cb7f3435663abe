package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.frontend.DeviceChange;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.engine.frontend.Frontend;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Volumes as SCSI disks of the kernel's loopback target. */
public final class TcmuFrontend implements Frontend {
    private static final Path MODULES = Path.of("/sys/module");

    private final UringSyscalls syscalls;

    public TcmuFrontend(UringSyscalls syscalls) {
        this.syscalls = syscalls;
    }

    @Override
    public FrontendKind kind() {
        return FrontendKind.TCMU;
    }

    @Override
    public @Nullable String obstacle() {
        if (!Files.isDirectory(TargetTree.ROOT)) {
            return "the kernel's SCSI target is not there: say 'modprobe -a target_core_user tcm_loop', and mount"
                    + " configfs at /sys/kernel/config";
        }
        if (!isDriverThere()) {
            return "target_core_user is not loaded: say 'modprobe target_core_user'";
        }
        if (!Files.isWritable(TargetTree.ROOT)) {
            return "/sys/kernel/config is not writable: run the engine as root, and in a container with the host's"
                    + " /sys/kernel/config";
        }
        return loopbackObstacle();
    }

    static boolean isDriverThere() {
        return Files.isDirectory(MODULES.resolve("target_core_user"));
    }

    /** A driver that is built in leaves no trace before its directory was asked for. */
    private static @Nullable String loopbackObstacle() {
        Path loopback = TargetTree.ROOT.resolve("loopback");
        if (Files.isDirectory(loopback) || Files.isDirectory(MODULES.resolve("tcm_loop"))) {
            return null;
        }
        try {
            ConfigFs.makeDirectory(loopback);
            ConfigFs.removeIfUnused(loopback);
            return null;
        } catch (io.ublkcsi.engine.block.EngineException refused) {
            return "tcm_loop is not loaded: say 'modprobe tcm_loop'";
        }
    }

    @Override
    public FrontendDevice start(String volume, DeviceToken token, Backend backend, DeviceOptions options) {
        TargetTree tree = new TargetTree(TargetTree.ROOT, UnitIdentity.of(volume), token);
        return TcmuDevice.start(syscalls, tree, backend, options);
    }

    @Override
    public List<LeftDevice> left() {
        return LeftTcmuDevices.find();
    }

    @Override
    public void fence(LeftDevice left, long patienceNs) {
        LeftTcmuDevices.fence(left, patienceNs);
    }

    @Override
    public FrontendDevice adopt(LeftDevice left, Backend backend) {
        return TcmuDevice.adopt(syscalls, LeftTcmuDevices.tree(left), backend);
    }

    @Override
    public void discard(LeftDevice left, boolean force) {
        LeftTcmuDevices.discard(left, force);
    }

    @Override
    public List<ForeignDevice> foreign(Collection<Integer> ours) {
        return UioDevices.all().stream()
                .filter(uio -> !ours.contains(uio.number()))
                .map(uio -> new ForeignDevice(kind(), uio.number(), uio.path() + ", " + uio.name()))
                .toList();
    }

    @Override
    public AutoCloseable watch(Consumer<DeviceChange> listener) {
        return TargetEvents.listen(listener);
    }
}
