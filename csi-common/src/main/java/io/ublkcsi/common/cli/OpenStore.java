package io.ublkcsi.common.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.ublkcsi.common.kubernetes.ClusterAccess;
import io.ublkcsi.common.kubernetes.KubernetesVolumeStore;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.common.store.VolumeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The store that was asked for, and what comes with it.
 *
 * @param store closed with this
 * @param cluster the API server; {@code null} over files
 * @param synced whether the store has all that it needs to answer from memory
 */
public record OpenStore(VolumeStore store, @Nullable KubernetesClient cluster, BooleanSupplier synced)
        implements AutoCloseable {
    static OpenStore ofFiles(Path folder) throws IOException {
        return new OpenStore(FileVolumeStore.open(folder), null, () -> true);
    }

    static OpenStore ofCluster(@Nullable Path kubeconfig, @Nullable String node) throws IOException {
        KubernetesClient client = ClusterAccess.open(kubeconfig);
        KubernetesVolumeStore store = new KubernetesVolumeStore(client, node, Clock.systemUTC());
        return new OpenStore(store, client, store::synced);
    }

    /** For readiness. */
    public List<String> complaints() {
        return synced.getAsBoolean()
                ? List.of()
                : List.of("the API server has not answered yet: is it reachable, are the CRDs of ublk-csi.io installed,"
                        + " and may this service account list and watch them?");
    }

    @Override
    public void close() {
        store.close();
        if (cluster != null) {
            cluster.close();
        }
    }
}
