package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/** Status conditions. The time of the last transition stays as long as the status does. */
final class Conditions {
    private static final int MAX_MESSAGE = 1024;

    private final List<Condition> before;
    private final Clock clock;

    Conditions(List<Condition> before, Clock clock) {
        this.before = before == null ? List.of() : before;
        this.clock = clock;
    }

    /** @param reason one word for programs */
    Condition of(String type, boolean isTrue, String reason, String message) {
        String status = isTrue ? "True" : "False";
        Condition condition = new Condition();
        condition.setType(type);
        condition.setStatus(status);
        condition.setReason(reason);
        condition.setMessage(message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE));
        condition.setLastTransitionTime(before.stream()
                .filter(other -> Objects.equals(other.getType(), type) && Objects.equals(other.getStatus(), status))
                .map(Condition::getLastTransitionTime)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS).toString()));
        return condition;
    }
}
