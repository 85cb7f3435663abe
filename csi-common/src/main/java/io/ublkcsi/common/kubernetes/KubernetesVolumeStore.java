package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.Records;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.store.VolumeStore;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volume store of a cluster: custom resources {@code UblkVolume}, {@code UblkSnapshot}, {@code UblkPool}.
 *
 * <p>Records are read from the API server, pools from memory. Changes are seen by informers, which list anew whenever a
 * watch broke; once a minute listeners are told to look at everything.
 */
public final class KubernetesVolumeStore implements VolumeStore {
    private static final Logger LOG = LoggerFactory.getLogger(KubernetesVolumeStore.class);
    private static final long LOOK_AT_ALL_SECONDS = 60;

    private final Resources volumeResources;
    private final Resources snapshotResources;
    private final Resources poolResources;
    private final Records<VolumeSpec, VolumeStatus> volumes;
    private final Records<SnapshotSpec, SnapshotStatus> snapshots;
    private final PoolResources pools;
    private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private final ScheduledExecutorService timer;

    /**
     * Opens the store; does not wait for the API server.
     *
     * @param client stays the caller's
     * @param node whose records are listed and watched, for a node plugin; {@code null}: all, for the controller
     */
    public KubernetesVolumeStore(KubernetesClient client, @Nullable String node, Clock clock) {
        this.volumeResources = new Resources(client, VolumeForm.KIND, node);
        this.snapshotResources = new Resources(client, SnapshotForm.KIND, node);
        this.poolResources = new Resources(client, PoolResources.KIND, node);
        this.volumes = new KubernetesRecords<>(volumeResources, new VolumeForm(clock), "store.volume");
        this.snapshots = new KubernetesRecords<>(snapshotResources, new SnapshotForm(clock), "store.snapshot");
        this.pools = new PoolResources(client, poolResources, clock);
        listen(volumeResources, Change.Kind.VOLUME);
        listen(snapshotResources, Change.Kind.SNAPSHOT);
        listen(poolResources, Change.Kind.POOLS);
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("store-timer").factory());
        timer.scheduleWithFixedDelay(
                () -> tell(new Change(Change.Kind.ALL, "")),
                LOOK_AT_ALL_SECONDS,
                LOOK_AT_ALL_SECONDS,
                TimeUnit.SECONDS);
    }

    /** Whether the API server has answered for every kind since the start. */
    public boolean synced() {
        return volumeResources.informer().hasSynced()
                && snapshotResources.informer().hasSynced()
                && poolResources.informer().hasSynced();
    }

    @Override
    public Records<VolumeSpec, VolumeStatus> volumes() {
        return volumes;
    }

    @Override
    public Records<SnapshotSpec, SnapshotStatus> snapshots() {
        return snapshots;
    }

    @Override
    public List<PoolReport> pools() {
        return pools.all();
    }

    @Override
    public void reportPools(String node, List<PoolReport> reports) {
        pools.replace(node, reports);
    }

    @Override
    public Subscription watch(Consumer<Change> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
        volumeResources.close();
        snapshotResources.close();
        poolResources.close();
    }

    private void listen(Resources resources, Change.Kind kind) {
        resources.informer().addEventHandler(new Teller(kind)).start().exceptionally(failure -> {
            if (!closed) {
                LOG.error("the watch of {} ended", resources.kind(), failure);
            }
            return null;
        });
    }

    private void tell(Change change) {
        for (Consumer<Change> listener : listeners) {
            try {
                listener.accept(change);
            } catch (RuntimeException failure) {
                LOG.warn("a listener of the store failed on {}: {}", change, failure.getMessage());
            }
        }
    }

    /** From an informer's events to changes of the store. */
    private final class Teller implements ResourceEventHandler<GenericKubernetesResource> {
        private final Change.Kind kind;

        Teller(Change.Kind kind) {
            this.kind = kind;
        }

        @Override
        public void onAdd(GenericKubernetesResource resource) {
            changed(resource);
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource after) {
            changed(after);
        }

        @Override
        public void onDelete(GenericKubernetesResource resource, boolean stateUnknown) {
            changed(resource);
        }

        private void changed(GenericKubernetesResource resource) {
            tell(new Change(kind, resource.getMetadata().getName()));
        }
    }
}
