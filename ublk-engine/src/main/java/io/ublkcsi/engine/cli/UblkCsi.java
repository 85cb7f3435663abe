package io.ublkcsi.engine.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code bin/ublk-csi}: every subcommand of it is listed here. */
@Command(
        name = "ublk-csi",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Block devices served from user space.",
        synopsisSubcommandLabel = "COMMAND")
public final class UblkCsi {

    private UblkCsi() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new UblkCsi()).execute(args));
    }
}
