package io.ublkcsi.common.kubernetes;

import io.ublkcsi.common.store.Spec;
import io.ublkcsi.common.store.Status;

/** A record's state in one word. */
final class Phase {
    private Phase() {}

    static <S extends Spec<S>> String of(Spec<S> spec, Status status, boolean ready) {
        if (spec.deleting()) {
            return "Deleting";
        }
        if (status.failure() != null && !ready) {
            return "Failed";
        }
        if (ready) {
            return status.failure() == null ? "Ready" : "Degraded";
        }
        return status.reason().isEmpty() ? "Pending" : "Waiting";
    }
}
