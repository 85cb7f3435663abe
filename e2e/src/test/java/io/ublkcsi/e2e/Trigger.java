package io.ublkcsi.e2e;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why an engine ends, and what is there to take over. */
enum Trigger {
    /** Killed; the next one is started then. */
    COLD,
    /** Killed, while a standby waits. */
    STANDBY,
    /** Told to end, while a standby waits. */
    HANDOVER;

    /** Those that the guest was asked for. */
    static Stream<Trigger> asked() {
        List<String> wanted = List.of(Guest.environment("E2E_TRIGGERS").split(" "));
        return Stream.of(values())
                .filter(trigger -> wanted.contains(trigger.name().toLowerCase(Locale.ROOT)));
    }

    /** Before the engine ends: the one that will follow it, if there is to be one. */
    @Nullable
    Process successor(Engines engines) {
        return this == COLD ? null : engines.startStandby();
    }

    /** Ends the engine; answers the one that is active now. */
    Process end(Engines engines, Process active, @Nullable Process successor) {
        if (this == HANDOVER) {
            Engines.terminate(active);
        } else {
            Engines.kill(active);
        }
        if (successor != null) {
            return successor;
        }
        Engines.ended(active);
        return engines.start();
    }
}
