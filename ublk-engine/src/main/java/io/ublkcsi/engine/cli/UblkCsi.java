package io.ublkcsi.engine.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program behind {@code bin/ublk-csi}: every subcommand of it is listed here. */
@Command(
        name = "ublk-csi",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Block devices served from user space.",
        synopsisSubcommandLabel = "COMMAND",
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
    private static final List<Class<?>> SUBCOMMANDS = List.of(
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
            ReleaseCommand.class);

    private UblkCsi() {}

    public static void main(String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    /**
     * With the subcommand that is asked for alone, because picocli reads every option of every one that it is given;
     * with all when the arguments name none.
     */
    static CommandLine commandLine(String... args) {
        CommandLine root = new CommandLine(new UblkCsi());
        List<Class<?>> asked = SUBCOMMANDS.stream()
                .filter(subcommand -> args.length > 0 && name(subcommand).equals(args[0]))
                .toList();
        (asked.isEmpty() ? SUBCOMMANDS : asked).forEach(root::addSubcommand);
        return root.setExecutionExceptionHandler(new FailureReport());
    }

    private static String name(Class<?> subcommand) {
        return subcommand.getAnnotation(Command.class).name();
    }
}
