package io.ublkcsi.engine.control;

import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.frontend.tcmu.TcmuFrontend;
import io.ublkcsi.engine.frontend.ublk.UblkFrontend;
import io.ublkcsi.engine.frontend.vduse.VduseFrontend;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.nio.file.Path;
import java.util.List;

/** The frontends of this build, over the running kernel. */
public final class KernelFrontends {
    /** Of an engine that was not told another place for its socket. */
    public static final Path RUN_FOLDER = Path.of("/run/ublk-csi");

    private KernelFrontends() {}

    /**
     * @param runFolder where what need not outlive the machine stands: a tmpfs
     */
    public static Frontends of(UringSyscalls syscalls, Path runFolder) {
        return new Frontends(List.of(
                new UblkFrontend(syscalls),
                new VduseFrontend(syscalls, runFolder.resolve("vduse")),
                new TcmuFrontend(syscalls)));
    }
}
