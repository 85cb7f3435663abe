package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.Frontend;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Volumes as virtio block devices through VDUSE. */
public final class VduseFrontend implements Frontend {
    private static final Path BLOCK_DRIVER = Path.of("/sys/bus/virtio/drivers/virtio_blk");

    private final UringSyscalls syscalls;
    private final Path inflightFolder;

    /**
     * @param inflightFolder where devices' in-flight logs stand: outlives the engine's process, and need not outlive
     *     the machine
     */
    public VduseFrontend(UringSyscalls syscalls, Path inflightFolder) {
        this.syscalls = syscalls;
        this.inflightFolder = inflightFolder;
    }

    @Override
    public FrontendKind kind() {
        return FrontendKind.VDUSE;
    }

    @Override
    public @Nullable String obstacle() {
        try {
            new VduseControl().close();
        } catch (EngineException refused) {
            return refused.getMessage();
        }
        if (!Files.exists(SysDevice.DRIVER) || !Files.exists(BLOCK_DRIVER)) {
            return "the drivers that show a VDUSE device as a disk are not loaded: 'modprobe -a virtio_vdpa"
                    + " virtio_blk' loads them";
        }
        return VdpaBus.tool() == null ? "the program 'vdpa' is missing: Debian has it in the package iproute2" : null;
    }

    @Override
    public FrontendDevice start(String volume, DeviceToken token, Backend backend, DeviceOptions options) {
        if (options.failIo()) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "recovery policy 'fail' is not for VDUSE, whose driver waits for ever: use 'wait', or ublk");
        }
        if (options.dataPath() != null && options.dataPath() != DataPath.PLAIN_COPY) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "data path " + options.dataPath().label() + " is ublk's: VDUSE has " + DataPath.PLAIN_COPY.label());
        }
        String name = VduseNames.device(token, volume);
        return new VduseStart(syscalls, inflightFolder, name, backend).create(options);
    }

    @Override
    public List<LeftDevice> left() {
        return LeftVduseDevices.find();
    }

    @Override
    public void fence(LeftDevice left, long patienceNs) {
        LeftVduseDevices.fence(left, patienceNs);
    }

    @Override
    public FrontendDevice adopt(LeftDevice left, Backend backend) {
        return LeftVduseDevices.start(syscalls, inflightFolder, left, backend).adopt();
    }

    @Override
    public void discard(LeftDevice left, boolean force) {
        LeftVduseDevices.discard(syscalls, inflightFolder, left, force);
    }
}
