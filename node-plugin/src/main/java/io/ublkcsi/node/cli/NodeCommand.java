package io.ublkcsi.node.cli;

import io.ublkcsi.common.cli.PluginOptions;
import io.ublkcsi.common.identity.IdentityService;
import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixChannel;
import io.ublkcsi.common.rpc.UnixServer;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.engine.SysBlockDevices;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.process.Children;
import io.ublkcsi.node.reconcile.Reconciler;
import io.ublkcsi.node.rpc.NodeService;
import io.ublkcsi.node.rpc.UseCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
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

    @Override
    public Integer call() throws IOException, InterruptedException {
        String name = nodeName();
        Holders holders = new Holders();
        Children children = new Children();
        try (FileVolumeStore store = FileVolumeStore.open(options.store());
                UnixChannel channel = new UnixChannel(Endpoint.parse(engine))) {
            EngineClient client = new EngineClient(channel.channel());
            UseCases cases = UseCases.in(new UseCases.Surroundings(
                    store, name, client, new SysBlockDevices(), MountTable.live(), children, children, holders));
            try (var _ = new Reconciler(store, name, client, MountTable.live(), holders);
                    UnixServer server = UnixServer.start(
                            options.endpoint(),
                            List.of(
                                    new IdentityService(options.driver()),
                                    new NodeService(options.driver(), name, maxVolumes, cases)))) {
                Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
                server.awaitEnd();
            }
        }
        return 0;
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
