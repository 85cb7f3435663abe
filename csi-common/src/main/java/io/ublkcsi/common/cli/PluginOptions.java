package io.ublkcsi.common.cli;

import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.identity.SpecLevel;
import io.ublkcsi.common.rpc.Endpoint;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that controller and node plugin have in common. */
public final class PluginOptions {
    @Option(
            names = "--endpoint",
            required = true,
            description = "Where to listen: unix:///absolute/path. Its folder becomes 0700.")
    private String endpoint = "";

    @Option(
            names = "--store",
            required = true,
            description = "Folder of the volume store, shared by controller and node plugin on this machine.")
    private Path store = Path.of("");

    @Option(
            names = "--spec-level",
            defaultValue = "1.12",
            description = "CSI level to show: 1.12 (default), or 1.13 for callers that know it.")
    private String specLevel = "";

    public Endpoint endpoint() {
        return Endpoint.parse(endpoint);
    }

    public Path store() {
        return store;
    }

    public Driver driver() {
        return Driver.local(SpecLevel.parse(specLevel));
    }
}
