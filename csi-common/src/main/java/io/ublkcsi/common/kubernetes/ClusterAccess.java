package io.ublkcsi.common.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The way to the API server. Every request has a limit: no call of ours waits for long when it is away. */
public final class ClusterAccess {
    private static final int CONNECT_MS = 3_000;
    private static final int REQUEST_MS = 20_000;
    private static final int RETRIES = 2;
    private static final int RETRY_MS = 200;
    private static final int WATCH_RETRY_MS = 500;
    /** Where a pod's service account says its namespace. */
    private static final Path NAMESPACE = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

    private ClusterAccess() {}

    /**
     * Opens a client; connects with its first request.
     *
     * @param kubeconfig {@code null}: the pod's service account, or what {@code KUBECONFIG} names
     */
    public static KubernetesClient open(@Nullable Path kubeconfig) throws IOException {
        Config config = kubeconfig == null
                ? Config.autoConfigure(null)
                : Config.fromKubeconfig(Files.readString(kubeconfig, StandardCharsets.UTF_8));
        config.setConnectionTimeout(CONNECT_MS);
        config.setRequestTimeout(REQUEST_MS);
        config.setRequestRetryBackoffLimit(RETRIES);
        config.setRequestRetryBackoffInterval(RETRY_MS);
        config.setWatchReconnectInterval(WATCH_RETRY_MS);
        config.setOnlyHttpWatches(true);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /**
     * The namespace of this pod.
     *
     * @throws IOException outside of a pod
     */
    public static String ownNamespace() throws IOException {
        if (!Files.exists(NAMESPACE)) {
            throw new IOException("this is no pod with a service account (" + NAMESPACE
                    + " is missing), so the namespace has to be given: --namespace");
        }
        return Files.readString(NAMESPACE).strip();
    }
}
