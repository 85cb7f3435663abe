package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.control.KernelFrontends;
import io.ublkcsi.engine.control.Rescue;
import io.ublkcsi.engine.control.journal.Journal;
import io.ublkcsi.engine.uring.KernelUring;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ublk-csi release}; needs no engine, and refuses to work beside one unless it is told to. */
@Command(
        name = "release",
        description = "With no engine alive: ends devices whose I/O waits for one, so that it fails and nothing hangs.")
final class ReleaseCommand implements Callable<Integer> {
    /** Where frontends keep what they do not need to end a device. */
    @Spec
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Which which;

    private static final class Which {
        @Parameters(paramLabel = "DEVICE", description = "Such as /dev/ublkb0.")
        private String device;

        @Option(names = "--all", description = "Every device that engines of this state directory have left.")
        private boolean all;
    }

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            defaultValue = EngineCommand.DEFAULT_STATE,
            description = "The engine's (default: ${DEFAULT-VALUE}).")
    private Path stateDirectory;

    @Option(
            names = "--force",
            description = "Although an engine holds the state directory; for a device it left alone.")
    private boolean force;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    @SuppressWarnings("unused") // picocli asks for it
    private boolean help;

    @Override
    public Integer call() {
        if (force && !which.all) {
            release();
            return ExitCode.OK;
        }
        try (StateLock _ = StateLock.take(stateDirectory)) {
            release();
            return ExitCode.OK;
        }
    }

    private void release() {
        Rescue rescue = new Rescue(
                KernelFrontends.of(new KernelUring(), KernelFrontends.RUN_FOLDER), Journal.open(stateDirectory));
        List<String> released = which.all ? rescue.releaseAll() : List.of(rescue.release(which.device));
        released.forEach(line -> spec.commandLine().getOut().println(line));
        spec.commandLine().getOut().flush();
    }
}
