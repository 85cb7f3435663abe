package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.frontend.tcmu.TcmuFrontend;
import io.ublkcsi.engine.frontend.ublk.UblkFrontend;
import io.ublkcsi.engine.frontend.vduse.VduseFrontend;
import io.ublkcsi.engine.uring.KernelUring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks at a node before, or instead of, an engine does. Changes nothing but two probe files in a pool's folder. */
public final class Doctor {
    private Doctor() {}

    /**
     * @param pools folders to look at as pools
     */
    public static List<Check> examine(List<Path> pools) {
        UringSyscalls syscalls = new KernelUring();
        NodeFiles node = new NodeFiles(Path.of("/"));
        List<Check> checks = new ArrayList<>();
        VduseFrontend vduse = new VduseFrontend(syscalls, Path.of("/run/ublk-csi/vduse"));
        TcmuFrontend tcmu = new TcmuFrontend(syscalls);
        checks.add(FrontendChecks.auto(new Frontends(List.of(new UblkFrontend(syscalls), vduse, tcmu))));
        // A node that has another frontend can do without ublk.
        boolean withoutUblk = vduse.obstacle() == null || tcmu.obstacle() == null;
        new UblkChecks(node, syscalls).run().forEach(check -> checks.add(withoutUblk ? check.asNote() : check));
        checks.add(FrontendChecks.of("VDUSE", vduse));
        checks.addAll(new TcmuChecks(node, syscalls).run());
        checks.addAll(new UringChecks(node, syscalls).run());
        checks.addAll(new ProcessChecks(node).run());
        pools.forEach(pool -> checks.addAll(PoolChecks.of(pool)));
        return checks;
    }
}
