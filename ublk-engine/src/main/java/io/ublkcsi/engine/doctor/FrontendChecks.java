package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.frontend.Frontend;
import io.ublkcsi.engine.frontend.Frontends;

/** The kernel interfaces beside ublk, which a node may have or not. */
final class FrontendChecks {
    private FrontendChecks() {}

    /** Which of them a volume gets that asks for none, and why not another. */
    static Check auto(Frontends frontends) {
        try {
            Frontends.Choice choice = frontends.choose(null);
            return Check.ok("frontend", choice.frontend().kind().label() + ", " + choice.reason());
        } catch (EngineException none) {
            return Check.bad("frontend", "none works", none.getMessage());
        }
    }

    static Check of(String name, Frontend frontend) {
        String obstacle = frontend.obstacle();
        return obstacle == null
                ? Check.ok(name, "usable: 'frontend: " + frontend.kind().label() + "'")
                : Check.note(name, "not usable", obstacle);
    }
}
