package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.Records;
import io.ublkcsi.common.store.Spec;
import io.ublkcsi.common.store.Status;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Records as custom resources: the wish is the {@code spec}, what is the {@code status}, which the API server keeps
 * apart. A write carries the resource version that was read, and is done anew when someone wrote meanwhile.
 */
final class KubernetesRecords<S extends Spec<S>, T extends Status> implements Records<S, T> {
    /** Others write now and then; who loses this often meets something else. */
    private static final int ATTEMPTS = 20;

    private final Resources resources;
    private final Form<S, T> form;
    private final String pointPrefix;

    KubernetesRecords(Resources resources, Form<S, T> form, String pointPrefix) {
        this.resources = resources;
        this.form = form;
        this.pointPrefix = pointPrefix;
    }

    @Override
    public Optional<Entry<S, T>> get(String id) {
        try {
            return resources.get(id).map(this::entry);
        } catch (CsiFault.Unavailable away) {
            // What was seen last is true enough for a node that has to go on while the API server is away.
            Optional<GenericKubernetesResource> last = resources.cached(id);
            if (last.isEmpty()) {
                throw away;
            }
            return last.map(this::entry);
        }
    }

    @Override
    public List<Entry<S, T>> list() {
        return resources.list().stream().map(this::entry).toList();
    }

    @Override
    public boolean add(S spec) {
        GenericKubernetesResource resource = resources.named(spec.id());
        form.writeSpec(resource, spec);
        boolean added = resources.create(resource);
        if (added) {
            CrashPoints.reach(pointPrefix + ".after-spec-added");
        }
        return added;
    }

    @Override
    public Entry<S, T> update(String id, UnaryOperator<S> change) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            GenericKubernetesResource resource =
                    resources.get(id).orElseThrow(() -> new CsiFault.NotFound("there is no record of " + id));
            Entry<S, T> before = entry(resource);
            S changed = change.apply(before.spec());
            if (changed.equals(before.spec())) {
                return before;
            }
            form.writeSpec(resource, changed);
            if (resources.replace(resource)) {
                CrashPoints.reach(pointPrefix + ".after-spec-changed");
                return new Entry<>(changed, before.status());
            }
        }
        throw contended(id);
    }

    @Override
    public void report(String id, UnaryOperator<T> change) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<GenericKubernetesResource> resource = resources.get(id);
            if (resource.isEmpty()) {
                return;
            }
            Entry<S, T> before = entry(resource.get());
            T changed = change.apply(before.status());
            if (changed.equals(before.status())) {
                return;
            }
            form.writeStatus(resource.get(), before.spec(), changed);
            if (resources.replaceStatus(resource.get())) {
                CrashPoints.reach(pointPrefix + ".after-status-reported");
                return;
            }
        }
        throw contended(id);
    }

    @Override
    public void remove(String id) {
        resources.delete(id);
        CrashPoints.reach(pointPrefix + ".after-spec-removed");
    }

    private Entry<S, T> entry(GenericKubernetesResource resource) {
        return new Entry<>(form.readSpec(resource), form.readStatus(resource));
    }

    private CsiFault contended(String id) {
        return new CsiFault.Busy(
                form.kind() + " " + id + " was changed by others each time that it was to be written; call again");
    }
}
