package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.ublkcsi.common.kubernetes.resource.Api;
import io.ublkcsi.common.kubernetes.resource.UblkVolume;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import java.time.Clock;
import java.util.List;

/** Volumes as {@link UblkVolume}. */
final class VolumeForm extends Form<VolumeSpec, VolumeStatus> {
    static final String KIND = "UblkVolume";

    private final Clock clock;

    VolumeForm(Clock clock) {
        this.clock = clock;
    }

    @Override
    String kind() {
        return KIND;
    }

    @Override
    VolumeSpec readSpec(GenericKubernetesResource resource) {
        UblkVolume.Wish wish = require(resource, UblkVolume.Wish.class);
        return new VolumeSpec(
                resource.getMetadata().getName(),
                wish.name(),
                wish.node(),
                wish.revision(),
                wish.deleting(),
                wish.sizeBytes(),
                wish.source(),
                wish.parameters(),
                wish.uses(),
                wish.createdMs(),
                wish.claim(),
                wish.owned());
    }

    @Override
    VolumeStatus readStatus(GenericKubernetesResource resource) {
        return read(resource, "status", UblkVolume.State.class)
                .map(state -> new VolumeStatus(
                        state.revision(),
                        state.ready(),
                        state.sizeBytes(),
                        state.progressPercent(),
                        state.failure(),
                        state.reason(),
                        state.attached(),
                        state.inUse(),
                        state.formatting(),
                        state.filesystemBytes(),
                        state.pods(),
                        state.shownBy()))
                .orElse(VolumeStatus.UNKNOWN);
    }

    @Override
    void writeSpec(GenericKubernetesResource resource, VolumeSpec spec) {
        write(
                resource,
                "spec",
                new UblkVolume.Wish(
                        Api.FORMAT_VERSION,
                        spec.generation(),
                        spec.name(),
                        spec.node(),
                        spec.deleting(),
                        spec.sizeBytes(),
                        spec.source(),
                        spec.parameters(),
                        spec.uses(),
                        spec.createdMs(),
                        spec.claim(),
                        spec.owned()));
    }

    @Override
    void writeStatus(GenericKubernetesResource resource, VolumeSpec spec, VolumeStatus status) {
        List<Condition> before = read(resource, "status", UblkVolume.State.class)
                .map(UblkVolume.State::conditions)
                .orElse(List.of());
        write(
                resource,
                "status",
                new UblkVolume.State(
                        Api.FORMAT_VERSION,
                        status.generation(),
                        Phase.of(spec, status, status.ready()),
                        status.sizeBytes() == 0 ? "" : Quantities.of(status.sizeBytes()),
                        status.ready(),
                        status.sizeBytes(),
                        status.progressPercent(),
                        status.failure(),
                        status.reason(),
                        status.attached(),
                        status.inUse(),
                        status.formatting(),
                        status.filesystemBytes(),
                        status.pods(),
                        status.shownBy(),
                        conditions(before, spec, status)));
    }

    private List<Condition> conditions(List<Condition> before, VolumeSpec spec, VolumeStatus status) {
        Conditions conditions = new Conditions(before, clock);
        return List.of(
                conditions.of("Ready", status.ready(), Phase.of(spec, status, status.ready()), status.reason()),
                conditions.of(
                        "Attached", status.attached(), status.attached() ? "Attached" : "Detached", status.shownBy()));
    }
}
