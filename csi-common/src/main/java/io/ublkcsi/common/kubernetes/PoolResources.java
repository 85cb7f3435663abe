package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.kubernetes.resource.Api;
import io.ublkcsi.common.kubernetes.resource.UblkPool;
import io.ublkcsi.common.store.PoolReport;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Pools as {@link UblkPool}, each owned by its Node, so that it goes with it. */
final class PoolResources {
    static final String KIND = "UblkPool";

    private static final int MAX_NAME = 253;
    private static final int ATTEMPTS = 20;

    private final KubernetesClient client;
    private final Resources resources;
    private final Clock clock;

    PoolResources(KubernetesClient client, Resources resources, Clock clock) {
        this.client = client;
        this.resources = resources;
        this.clock = clock;
    }

    /** As the informer last saw them. */
    List<PoolReport> all() {
        return resources.cached().stream()
                .flatMap(resource -> report(resource).stream())
                .toList();
    }

    void replace(String node, List<PoolReport> reports) {
        Set<String> present = new HashSet<>();
        for (PoolReport report : reports) {
            present.add(name(report));
            write(report);
        }
        for (GenericKubernetesResource resource : resources.list()) {
            String name = resource.getMetadata().getName();
            boolean ours = Form.require(resource, UblkPool.Place.class).node().equals(node);
            if (ours && !present.contains(name)) {
                resources.delete(name);
                CrashPoints.reach("store.pools.after-removed");
            }
        }
    }

    private void write(PoolReport report) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            GenericKubernetesResource resource = resources.get(name(report)).orElseGet(() -> create(report));
            if (report(resource).filter(report::equals).isPresent()) {
                return;
            }
            writeStatus(resource, report);
            if (resources.replaceStatus(resource)) {
                CrashPoints.reach("store.pools.after-reported");
                return;
            }
        }
        throw new CsiFault.Busy("UblkPool " + name(report) + " was changed by others each time that it was to be"
                + " written; does another node plugin say that it is " + report.node() + "?");
    }

    private GenericKubernetesResource create(PoolReport report) {
        GenericKubernetesResource resource = resources.named(name(report));
        Form.write(resource, "spec", new UblkPool.Place(Api.FORMAT_VERSION, report.node(), report.name()));
        owner(report.node()).ifPresent(owner -> resource.getMetadata().setOwnerReferences(List.of(owner)));
        resources.create(resource);
        CrashPoints.reach("store.pools.after-created");
        return resources
                .get(name(report))
                .orElseThrow(() -> new CsiFault.Unavailable(
                        "UblkPool " + name(report) + " was made, and someone deleted it meanwhile; call again"));
    }

    private Optional<OwnerReference> owner(String name) {
        Node node = Calls.call(
                "read Node " + name, () -> client.nodes().withName(name).get());
        if (node == null) {
            return Optional.empty();
        }
        OwnerReference owner = new OwnerReference();
        owner.setApiVersion("v1");
        owner.setKind("Node");
        owner.setName(name);
        owner.setUid(node.getMetadata().getUid());
        return Optional.of(owner);
    }

    private void writeStatus(GenericKubernetesResource resource, PoolReport report) {
        List<io.fabric8.kubernetes.api.model.Condition> before = Form.read(resource, "status", UblkPool.State.class)
                .map(UblkPool.State::conditions)
                .orElse(List.of());
        String state = report.usable() ? "Usable" : "Unusable";
        Form.write(
                resource,
                "status",
                new UblkPool.State(
                        Api.FORMAT_VERSION,
                        state,
                        Quantities.of(report.totalBytes()),
                        Quantities.of(report.availableBytes()),
                        report.kind(),
                        report.totalBytes(),
                        report.availableBytes(),
                        report.maximumVolumeBytes(),
                        report.reflink(),
                        report.logicalBlockBytes(),
                        report.problem(),
                        List.of(new Conditions(before, clock).of("Usable", report.usable(), state, report.problem()))));
    }

    private static Optional<PoolReport> report(GenericKubernetesResource resource) {
        UblkPool.Place place = Form.require(resource, UblkPool.Place.class);
        return Form.read(resource, "status", UblkPool.State.class)
                .map(state -> new PoolReport(
                        place.node(),
                        place.pool(),
                        state.kind(),
                        state.totalBytes(),
                        state.availableBytes(),
                        state.maximumVolumeBytes(),
                        state.reflink(),
                        state.logicalBlockBytes(),
                        state.problem()));
    }

    private static String name(PoolReport report) {
        String name = report.node() + "." + report.name();
        if (name.length() > MAX_NAME) {
            throw new CsiFault.Precondition("the names of node " + report.node() + " and pool " + report.name()
                    + " are too long together: at most " + MAX_NAME + " characters; give the pool a shorter one");
        }
        return name;
    }
}
