package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.ublkcsi.common.kubernetes.resource.Api;
import io.ublkcsi.common.kubernetes.resource.UblkSnapshot;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import java.time.Clock;
import java.util.List;

/** Snapshots as {@link UblkSnapshot}. */
final class SnapshotForm extends Form<SnapshotSpec, SnapshotStatus> {
    static final String KIND = "UblkSnapshot";

    private final Clock clock;

    SnapshotForm(Clock clock) {
        this.clock = clock;
    }

    @Override
    String kind() {
        return KIND;
    }

    @Override
    SnapshotSpec readSpec(GenericKubernetesResource resource) {
        UblkSnapshot.Wish wish = require(resource, UblkSnapshot.Wish.class);
        return new SnapshotSpec(
                resource.getMetadata().getName(),
                wish.name(),
                wish.node(),
                wish.revision(),
                wish.deleting(),
                wish.sourceVolumeId(),
                wish.pool(),
                wish.createdMs());
    }

    @Override
    SnapshotStatus readStatus(GenericKubernetesResource resource) {
        return read(resource, "status", UblkSnapshot.State.class)
                .map(state -> new SnapshotStatus(
                        state.revision(),
                        state.taken(),
                        state.ready(),
                        state.sizeBytes(),
                        state.takenMs(),
                        state.progressPercent(),
                        state.failure(),
                        state.reason()))
                .orElse(SnapshotStatus.UNKNOWN);
    }

    @Override
    void writeSpec(GenericKubernetesResource resource, SnapshotSpec spec) {
        write(
                resource,
                "spec",
                new UblkSnapshot.Wish(
                        Api.FORMAT_VERSION,
                        spec.generation(),
                        spec.name(),
                        spec.node(),
                        spec.deleting(),
                        spec.sourceVolumeId(),
                        spec.pool(),
                        spec.createdMs()));
    }

    @Override
    void writeStatus(GenericKubernetesResource resource, SnapshotSpec spec, SnapshotStatus status) {
        List<Condition> before = read(resource, "status", UblkSnapshot.State.class)
                .map(UblkSnapshot.State::conditions)
                .orElse(List.of());
        String phase = Phase.of(spec, status, status.ready());
        write(
                resource,
                "status",
                new UblkSnapshot.State(
                        Api.FORMAT_VERSION,
                        status.generation(),
                        phase,
                        status.sizeBytes() == 0 ? "" : Quantities.of(status.sizeBytes()),
                        status.taken(),
                        status.ready(),
                        status.sizeBytes(),
                        status.takenMs(),
                        status.progressPercent(),
                        status.failure(),
                        status.reason(),
                        List.of(new Conditions(before, clock).of("Ready", status.ready(), phase, status.reason()))));
    }
}
