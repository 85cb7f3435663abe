package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.frontend.FrontendKind;
import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks at a node before, or instead of, an engine does. Changes nothing but two probe files in a pool's folder. */
public final class Doctor {
    private Doctor() {}

    /**
     * @param frontends of this build
     * @param pools folders to look at as pools
     */
    public static List<Check> examine(UringSyscalls syscalls, Frontends frontends, List<Path> pools) {
        NodeFiles node = new NodeFiles(Path.of("/"));
        List<Check> checks = new ArrayList<>();
        checks.add(FrontendChecks.auto(frontends));
        // A node that has another frontend can do without ublk.
        boolean withoutUblk = frontends.usable().stream().anyMatch(kind -> kind != FrontendKind.UBLK);
        new UblkChecks(node, syscalls).run().forEach(check -> checks.add(withoutUblk ? check.asNote() : check));
        frontends.stream()
                .filter(frontend -> frontend.kind() == FrontendKind.VDUSE)
                .forEach(vduse -> checks.add(FrontendChecks.of("VDUSE", vduse)));
        checks.addAll(new TcmuChecks(node, syscalls).run());
        checks.addAll(new UringChecks(node, syscalls).run());
        checks.addAll(new ProcessChecks(node).run());
        pools.forEach(pool -> checks.addAll(PoolChecks.of(pool)));
        return checks;
    }
}
