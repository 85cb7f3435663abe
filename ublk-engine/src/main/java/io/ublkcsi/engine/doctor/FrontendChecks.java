package io.ublkcsi.engine.doctor;

import io.ublkcsi.engine.frontend.Frontend;

/** The kernel interfaces beside ublk, which a node may have or not. */
final class FrontendChecks {
    private FrontendChecks() {}

    static Check of(String name, Frontend frontend) {
        String obstacle = frontend.obstacle();
        return obstacle == null
                ? Check.ok(name, "usable: 'frontend: " + frontend.kind().label() + "'")
                : Check.note(name, "not usable", obstacle);
    }
}
