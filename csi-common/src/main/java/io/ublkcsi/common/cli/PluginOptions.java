package io.ublkcsi.common.cli;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.health.HealthServer;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.identity.SpecLevel;
import io.ublkcsi.common.rpc.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that controller and node plugin have in common. */
public final class PluginOptions {
    /** In place of a folder: custom resources. */
    private static final String KUBERNETES = "kubernetes";

    @Option(
            names = "--endpoint",
            required = true,
            description = "Where to listen: unix:///absolute/path. Its folder becomes 0700.")
    private String endpoint = "";

    @Option(
            names = "--store",
            required = true,
            description =
                    "The volume store: 'kubernetes' (custom resources), or a folder that controller and node plugin"
                            + " share on this machine.")
    private String store = "";

    @Option(
            names = "--kubeconfig",
            description = "How to reach the API server; default: the pod's service account, then KUBECONFIG.")
    private @Nullable Path kubeconfig;

    @Option(names = "--http", description = "HOST:PORT of /livez, /readyz and /metrics; default: none.")
    private String http = "";

    @Option(
            names = "--orphan-grace",
            defaultValue = "0s",
            description = "How long something without an owner is left alone before it is removed, such as 24h; 0s"
                    + " (default): for ever. It is reported in any case.")
    private String orphanGrace = "0s";

    @Option(
            names = "--spec-level",
            defaultValue = "1.12",
            description = "CSI level to show: 1.12 (default), or 1.13 for callers that know it.")
    private String specLevel = "";

    public Endpoint endpoint() {
        return Endpoint.parse(endpoint);
    }

    /**
     * Opens the store.
     *
     * @param node whose records a node plugin wants; {@code null}: all, for the controller
     */
    public OpenStore openStore(@Nullable String node) throws IOException {
        if (store.equals(KUBERNETES)) {
            return OpenStore.ofCluster(kubeconfig, node);
        }
        if (!store.contains("/")) {
            throw new IllegalArgumentException("--store: '" + store
                    + "' is neither 'kubernetes' nor the path of a folder, such as /var/lib/ublk-csi");
        }
        return OpenStore.ofFiles(Path.of(store));
    }

    /** Serves health and metrics, if that was asked for. */
    public AutoCloseable serveHealth(HealthServer.Check live, HealthServer.Check ready, PrometheusRegistry metrics)
            throws IOException {
        return http.isEmpty() ? () -> {} : HealthServer.start(http, live, ready, metrics);
    }

    public Duration orphanGrace() {
        return Durations.parse("--orphan-grace", orphanGrace);
    }

    public Driver driver() {
        return Driver.local(SpecLevel.parse(specLevel));
    }
}
