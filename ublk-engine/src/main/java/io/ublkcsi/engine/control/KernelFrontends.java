package io.ublkcsi.engine.control;

import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.frontend.ublk.UblkFrontend;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.util.List;

/** The frontends of this build, over the running kernel. */
public final class KernelFrontends {
    private KernelFrontends() {}

    public static Frontends of(UringSyscalls syscalls) {
        return new Frontends(List.of(new UblkFrontend(syscalls)));
    }
}
