package io.ublkcsi.engine.cli;

import com.google.protobuf.Message;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A subcommand that asks a running engine, and prints the answer for people or for programs. */
abstract class ClientCommand implements Callable<Integer> {
    static final String DEFAULT_SOCKET = "/run/ublk-csi/engine.sock";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            defaultValue = "${env:UBLK_CSI_SOCKET:-" + DEFAULT_SOCKET + "}",
            description = "The engine's socket (default: $UBLK_CSI_SOCKET, or " + DEFAULT_SOCKET + ").")
    private Path socket;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
    private long timeoutS;

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    @SuppressWarnings("unused") // picocli asks for it
    private boolean help;

    @Override
    public final Integer call() {
        try (EngineClient client = new EngineClient(socket, timeoutS)) {
            run(client);
        }
        return ExitCode.OK;
    }

    /** Asks and prints; failures are exceptions. */
    abstract void run(EngineClient client);

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final boolean isJson() {
        return json;
    }

    /** Prints an answer: as JSON, or as {@code text} makes it. */
    final void print(Message answer, Supplier<String> text) {
        String body = json ? MessageJson.print(answer) : text.get();
        if (!body.isEmpty()) {
            out().println(body);
        }
        out().flush();
    }
}
