package io.ublkcsi.controller.cli;

import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.identity.IdentityService;
import io.ublkcsi.common.identity.SpecLevel;
import io.ublkcsi.common.rpc.Endpoint;
import io.ublkcsi.common.rpc.UnixServer;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.controller.rpc.ControllerService;
import io.ublkcsi.controller.rpc.UseCases;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ublk-csi controller}: the CSI controller plugin as a program. */
@Command(
        name = "controller",
        mixinStandardHelpOptions = true,
        description = "Serves the CSI Identity and Controller services on a Unix socket.")
public final class ControllerCommand implements Callable<Integer> {
    @Option(
            names = "--endpoint",
            required = true,
            converter = EndpointConverter.class,
            description = "Where to listen: unix:///absolute/path. Its folder becomes 0700.")
    private Endpoint endpoint;

    @Option(
            names = "--store",
            required = true,
            description = "Folder of the volume store, shared with the node plugin on this machine.")
    private Path store;

    @Option(
            names = "--spec-level",
            defaultValue = "1.12",
            converter = LevelConverter.class,
            description = "CSI level to show: 1.12 (default), or 1.13 for callers that know it.")
    private SpecLevel specLevel;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Driver driver = Driver.local(specLevel);
        try (FileVolumeStore volumes = FileVolumeStore.open(store);
                UnixServer server = UnixServer.start(
                        endpoint,
                        List.of(
                                new IdentityService(driver),
                                new ControllerService(driver, UseCases.over(volumes, Clock.systemUTC()))))) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
            server.awaitEnd();
        }
        return 0;
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ControllerCommand()).execute(arguments));
    }

    /** For picocli. */
    static final class EndpointConverter implements CommandLine.ITypeConverter<Endpoint> {
        @Override
        public Endpoint convert(String value) {
            return Endpoint.parse(value);
        }
    }

    /** For picocli. */
    static final class LevelConverter implements CommandLine.ITypeConverter<SpecLevel> {
        @Override
        public SpecLevel convert(String value) {
            return SpecLevel.parse(value);
        }
    }
}
