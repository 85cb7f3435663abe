package io.ublkcsi.engine.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code bin/ublk-csi}: every subcommand of it is listed here. */
@Command(
        name = "ublk-csi",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Block devices served from user space.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            EngineCommand.class,
            AttachCommand.class,
            DetachCommand.class,
            ListCommand.class,
            StatsCommand.class,
            ResizeCommand.class,
            EventsCommand.class,
            DoctorCommand.class,
            PoolsCommand.class,
            VolumeCommand.class,
            SnapshotCommand.class,
            ReleaseCommand.class,
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage, or a value that the engine refuses",
            "3:no such pool, volume, snapshot or device",
            "4:something has to change first; the message says what",
            "5:no engine answers",
            "6:no room, or a limit is reached",
            "7:another operation on the same volume is under way: try again",
            "8:no permission",
            "9:not answered in time",
        })
public final class UblkCsi {

    private UblkCsi() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new UblkCsi()).setExecutionExceptionHandler(new FailureReport());
    }
}
