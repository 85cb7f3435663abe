package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.engine.frontend.Frontend;
import io.ublkcsi.engine.frontend.FrontendDevice;
import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.LeftDevice;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Volumes as ublk devices. */
public final class UblkFrontend implements Frontend {
    private final UringSyscalls syscalls;

    public UblkFrontend(UringSyscalls syscalls) {
        this.syscalls = syscalls;
    }

    @Override
    public FrontendKind kind() {
        return FrontendKind.UBLK;
    }

    @Override
    public @Nullable String obstacle() {
        try (UblkControl control = new UblkControl(syscalls)) {
            DataPathChooser.checkKernel(control.features());
            return null;
        } catch (EngineException refused) {
            return refused.getMessage();
        }
    }

    @Override
    public FrontendDevice start(String volume, DeviceToken token, Backend backend, DeviceOptions options) {
        return UblkDevice.start(syscalls, token, backend, options);
    }

    @Override
    public List<LeftDevice> left() {
        return LeftUblkDevices.find(syscalls);
    }

    @Override
    public void fence(LeftDevice left, long patienceNs) {
        LeftUblkDevices.fence(syscalls, left.facts().id(), patienceNs);
    }

    @Override
    public FrontendDevice adopt(LeftDevice left, Backend backend) {
        return UblkDevice.adopt(syscalls, left.facts().id(), backend);
    }

    @Override
    public void discard(LeftDevice left, boolean force) {
        LeftUblkDevices.discard(syscalls, left.facts().id(), force);
    }

    @Override
    public List<ForeignDevice> foreign(Collection<Integer> ours) {
        return LeftUblkDevices.foreign(syscalls, ours);
    }
}
