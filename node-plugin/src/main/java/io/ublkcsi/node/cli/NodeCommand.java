package io.ublkcsi.node.cli;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.common.cli.OpenStore;
import io.ublkcsi.common.cli.PluginOptions;
import io.ublkcsi.common.cli.Shutdown;
import io.ublkcsi.common.health.SelfProbe;
import io.ublkcsi.common.identity.IdentityService;
import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixChannel;
import io.ublkcsi.common.rpc.UnixServer;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.engine.SysBlockDevices;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.process.Children;
import io.ublkcsi.node.registration.Registration;
import io.ublkcsi.node.rpc.NodeService;
import io.ublkcsi.node.rpc.UseCases;
import io.ublkcsi.node.taint.StartupTaint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ublk-csi node}: the CSI node plugin as a program. Needs root: it mounts. */
@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description = "Serves the CSI Identity and Node services on a Unix socket, and makes this node's volumes.")
public final class NodeCommand implements Callable<Integer> {
    @Mixin
    private final PluginOptions options = new PluginOptions();

    @Option(names = "--engine", required = true, description = "The engine's socket: unix:///absolute/path.")
    private String engine = "";

    @Option(names = "--node-id", description = "This node's name; the default is the host's.")
    private String node = "";

    @Option(names = "--max-volumes", defaultValue = "0", description = "Volumes that this node takes; 0: no limit.")
    private long maxVolumes;

    @Option(
            names = "--kubelet-dir",
            description = "The kubelet's folder, such as /var/lib/kubelet, under the path that the host has it:"
                    + " registers the driver there.")
    private @Nullable Path kubeletFolder;

    @Option(
            names = "--startup-taint",
            description = "Key of a taint to take off this node once its CSINode lists the driver.")
    private String startupTaint = "";

    @Option(
            names = "--state",
            description =
                    "Folder of this plugin's own notes, which outlive it: what it had made. In a cluster; without it"
                            + " no orphans are looked for in the pools.")
    private @Nullable Path state;

    private final PrometheusRegistry metrics = new PrometheusRegistry();

    @Override
    public Integer call() throws Exception {
        String name = nodeName();
        Holders holders = new Holders();
        Children children = new Children();
        try (Shutdown shutdown = new Shutdown();
                OpenStore opened = options.openStore(name);
                UnixChannel channel = new UnixChannel(Endpoint.parse(engine))) {
            EngineClient client = new EngineClient(channel.channel());
            UseCases cases = UseCases.in(new UseCases.Surroundings(
                    opened.store(),
                    name,
                    client,
                    new SysBlockDevices(),
                    MountTable.live(),
                    children,
                    children,
                    holders));
            try (UnixServer server = UnixServer.start(
                            options.endpoint(),
                            List.of(
                                    new IdentityService(options.driver()),
                                    new NodeService(options.driver(), name, maxVolumes, cases)));
                    NodeWork work = new NodeWork(opened, name, client, holders, metrics)) {
                shutdown.end(server);
                work.start(state, options.orphanGrace());
                serveUntilEnd(opened, name, server);
            }
        }
        return 0;
    }

    /** What a node plugin does for its kubelet, beside serving. */
    private void serveUntilEnd(OpenStore opened, String name, UnixServer server) throws Exception {
        try (Registration registration = register();
                SelfProbe probe = new SelfProbe(options.endpoint());
                var _ = options.serveHealth(
                        probe,
                        () -> Stream.concat(
                                        opened.complaints().stream(),
                                        registration == null ? Stream.of() : registration.complaints().stream())
                                .toList(),
                        metrics);
                var _ = liftTaint(opened, name)) {
            server.awaitEnd();
        }
    }

    private @Nullable Registration register() throws IOException {
        return kubeletFolder == null ? null : Registration.start(kubeletFolder, options.driver(), options.endpoint());
    }

    private AutoCloseable liftTaint(OpenStore opened, String name) {
        if (startupTaint.isEmpty()) {
            return () -> {};
        }
        if (opened.cluster() == null) {
            throw new IllegalArgumentException(
                    "--startup-taint: only a node of a cluster has taints; it needs" + " --store kubernetes");
        }
        return new StartupTaint(opened.cluster(), name, options.driver().name(), startupTaint);
    }

    private String nodeName() throws IOException {
        String name = node.isEmpty()
                ? Files.readString(Path.of("/proc/sys/kernel/hostname")).strip()
                : node;
        if (!name.matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")) {
            throw new IllegalArgumentException("--node-id: '" + name + "' is no host name");
        }
        return name;
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new NodeCommand()).execute(arguments));
    }
}
