package io.ublkcsi.controller.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.cli.Durations;
import io.ublkcsi.common.cli.OpenStore;
import io.ublkcsi.common.cli.PluginOptions;
import io.ublkcsi.common.cli.Shutdown;
import io.ublkcsi.common.health.SelfProbe;
import io.ublkcsi.common.identity.IdentityService;
import io.ublkcsi.common.kubernetes.ClusterAccess;
import io.ublkcsi.common.kubernetes.event.Events;
import io.ublkcsi.common.rpc.UnixServer;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.controller.housekeeping.Chores;
import io.ublkcsi.controller.housekeeping.ClusterView;
import io.ublkcsi.controller.housekeeping.DeletedNodes;
import io.ublkcsi.controller.housekeeping.Leadership;
import io.ublkcsi.controller.housekeeping.Orphans;
import io.ublkcsi.controller.housekeeping.WaitingPods;
import io.ublkcsi.controller.node.ClusterNodes;
import io.ublkcsi.controller.node.Nodes;
import io.ublkcsi.controller.rpc.ControllerService;
import io.ublkcsi.controller.rpc.UseCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ublk-csi controller}: the CSI controller plugin as a program. */
@Command(
        name = "controller",
        mixinStandardHelpOptions = true,
        description = "Serves the CSI Identity and Controller services on a Unix socket.")
public final class ControllerCommand implements Callable<Integer> {
    private static final Duration CHORES_PERIOD = Duration.ofSeconds(20);

    @Mixin
    private final PluginOptions options = new PluginOptions();

    @Option(names = "--namespace", description = "Where the Lease is; default: this pod's namespace.")
    private String namespace = "";

    @Option(names = "--identity", description = "Who holds the Lease; default: the host's name.")
    private String identity = "";

    @Option(
            names = "--release-deleted-nodes-after",
            defaultValue = "0s",
            description =
                    "How long a node has to be gone from the cluster before the claims of its volumes are deleted,"
                            + " such as 1h; 0s (default): never.")
    private String releaseAfter = "0s";

    private final PrometheusRegistry metrics = new PrometheusRegistry();
    private final Shutdown shutdown = new Shutdown();

    @Override
    public Integer call() throws Exception {
        try (shutdown;
                OpenStore opened = options.openStore(null)) {
            if (opened.cluster() == null) {
                serve(opened, Nodes.oneMachine());
            } else {
                serveCluster(opened, opened.cluster());
            }
        }
        return 0;
    }

    private void serveCluster(OpenStore opened, KubernetesClient client) throws Exception {
        String leaseNamespace = namespace.isEmpty() ? ClusterAccess.ownNamespace() : namespace;
        VolumeStore store = opened.store();
        String driver = options.driver().name();
        Events events = new Events(client, driver + "/controller", "");
        try (ClusterNodes nodes =
                        new ClusterNodes(client, Durations.parse("--release-deleted-nodes-after", releaseAfter));
                Leadership leadership = new Leadership(client, leaseNamespace, identity());
                var _ = new Chores(
                        () -> leadership.getAsBoolean() && nodes.isSynced(),
                        () -> ClusterView.of(client, store, driver),
                        List.of(
                                new Orphans(store, events, options.orphanGrace(), metrics),
                                new DeletedNodes(client, store, nodes, events),
                                new WaitingPods(client, nodes, events)),
                        CHORES_PERIOD)) {
            serve(opened, nodes);
        }
    }

    private void serve(OpenStore opened, Nodes nodes) throws Exception {
        UseCases cases = UseCases.over(opened.store(), nodes, Clock.systemUTC());
        try (UnixServer server = UnixServer.start(
                        options.endpoint(),
                        List.of(
                                new IdentityService(options.driver()),
                                new ControllerService(options.driver(), cases)));
                SelfProbe probe = new SelfProbe(options.endpoint());
                var _ = options.serveHealth(probe, opened::complaints, metrics)) {
            shutdown.end(server);
            server.awaitEnd();
        }
    }

    private String identity() throws IOException {
        return identity.isEmpty()
                ? Files.readString(Path.of("/proc/sys/kernel/hostname")).strip()
                : identity;
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ControllerCommand()).execute(arguments));
    }
}
