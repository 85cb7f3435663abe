package io.ublkcsi.controller.cli;

import io.ublkcsi.common.cli.PluginOptions;
import io.ublkcsi.common.identity.IdentityService;
import io.ublkcsi.common.rpc.UnixServer;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.controller.rpc.ControllerService;
import io.ublkcsi.controller.rpc.UseCases;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ublk-csi controller}: the CSI controller plugin as a program. */
@Command(
        name = "controller",
        mixinStandardHelpOptions = true,
        description = "Serves the CSI Identity and Controller services on a Unix socket.")
public final class ControllerCommand implements Callable<Integer> {
    @Mixin
    private final PluginOptions options = new PluginOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (FileVolumeStore store = FileVolumeStore.open(options.store());
                UnixServer server = UnixServer.start(
                        options.endpoint(),
                        List.of(
                                new IdentityService(options.driver()),
                                new ControllerService(options.driver(), UseCases.over(store, Clock.systemUTC()))))) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
            server.awaitEnd();
        }
        return 0;
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ControllerCommand()).execute(arguments));
    }
}
