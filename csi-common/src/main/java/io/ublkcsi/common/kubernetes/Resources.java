package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.ublkcsi.common.kubernetes.resource.Api;
import java.net.HttpURLConnection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One kind of custom resource, as trees: what a newer version wrote can always be read as far as its
 * {@code formatVersion}. Requests go to the API server; {@link #cached} is what the informer last saw.
 */
final class Resources implements AutoCloseable {
    private static final Set<Integer> CHANGED = Set.of(Calls.CONFLICT, HttpURLConnection.HTTP_NOT_FOUND);

    private final String kind;
    private final @Nullable String node;
    private final MixedOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            requests;
    private final SharedIndexInformer<GenericKubernetesResource> informer;

    /** @param node whose resources are listed and watched; {@code null}: all */
    Resources(KubernetesClient client, String kind, @Nullable String node) {
        this.kind = kind;
        this.node = node;
        this.requests = client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                .withGroup(Api.GROUP)
                .withVersion(Api.VERSION)
                .withKind(kind)
                .withPlural(kind.toLowerCase(Locale.ROOT) + "s")
                .withNamespaced(false)
                .build());
        this.informer = ours().runnableInformer(0).exceptionHandler((_, _) -> true);
    }

    String kind() {
        return kind;
    }

    SharedIndexInformer<GenericKubernetesResource> informer() {
        return informer;
    }

    /** An empty resource of that name. */
    GenericKubernetesResource named(String name) {
        GenericKubernetesResource resource = new GenericKubernetesResource();
        resource.setApiVersion(Api.GROUP + "/" + Api.VERSION);
        resource.setKind(kind);
        resource.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMeta());
        resource.getMetadata().setName(name);
        return resource;
    }

    Optional<GenericKubernetesResource> get(String name) {
        return Calls.call(
                "read " + kind + " " + name,
                () -> Optional.ofNullable(requests.withName(name).get()));
    }

    /** As the informer last saw it. */
    Optional<GenericKubernetesResource> cached(String name) {
        return Optional.ofNullable(informer.getStore().getByKey(name));
    }

    List<GenericKubernetesResource> list() {
        return Calls.call(
                "list resources of kind " + kind, () -> sorted(ours().list().getItems()));
    }

    List<GenericKubernetesResource> cached() {
        return sorted(informer.getStore().list());
    }

    /** {@code false}: the name is taken. */
    boolean create(GenericKubernetesResource resource) {
        return unless(
                Set.of(Calls.CONFLICT),
                "create",
                resource,
                () -> requests.resource(resource).create());
    }

    /** {@code false}: someone changed it since it was read, or it is gone. */
    boolean replace(GenericKubernetesResource resource) {
        return unless(
                CHANGED, "update", resource, () -> requests.resource(resource).update());
    }

    /** {@code false}: someone changed it since it was read, or it is gone. */
    boolean replaceStatus(GenericKubernetesResource resource) {
        return unless(
                CHANGED,
                "update the status of",
                resource,
                () -> requests.resource(resource).updateStatus());
    }

    void delete(String name) {
        Calls.call("delete " + kind + " " + name, () -> requests.withName(name).delete());
    }

    private boolean unless(Set<Integer> expected, String verb, GenericKubernetesResource resource, Runnable request) {
        try {
            request.run();
            return true;
        } catch (KubernetesClientException failure) {
            if (expected.contains(failure.getCode())) {
                return false;
            }
            throw Calls.fault(verb + " " + kind + " " + resource.getMetadata().getName(), failure);
        }
    }

    private FilterWatchListDeletable<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            ours() {
        return node == null ? requests : requests.withField("spec.node", node);
    }

    private static List<GenericKubernetesResource> sorted(List<GenericKubernetesResource> resources) {
        return resources.stream()
                .sorted(Comparator.comparing(resource -> resource.getMetadata().getName()))
                .toList();
    }

    @Override
    public void close() {
        informer.close();
    }
}
