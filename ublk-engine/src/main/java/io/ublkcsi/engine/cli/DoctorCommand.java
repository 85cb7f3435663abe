package io.ublkcsi.engine.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ublkcsi.engine.control.KernelFrontends;
import io.ublkcsi.engine.doctor.Check;
import io.ublkcsi.engine.doctor.Doctor;
import io.ublkcsi.engine.uring.KernelUring;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ublk-csi doctor}; needs no engine. */
@Command(
        name = "doctor",
        description = "Looks at this node, and says what to do about each bad line; ends with 1 when there is one.")
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--pool",
            paramLabel = "PATH",
            description = "Also look at this folder as a file pool; may be repeated.")
    private List<Path> pools = List.of();

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    @SuppressWarnings("unused") // picocli asks for it
    private boolean help;

    @Override
    public Integer call() {
        UringSyscalls syscalls = new KernelUring();
        List<Check> checks = Doctor.examine(syscalls, KernelFrontends.of(syscalls, KernelFrontends.RUN_FOLDER), pools);
        spec.commandLine().getOut().println(json ? MessageJson.print(tree(checks), true) : text(checks));
        spec.commandLine().getOut().flush();
        return checks.stream().anyMatch(Check::isBad) ? ExitCode.FAILED : ExitCode.OK;
    }

    static String text(List<Check> checks) {
        Table table = new Table("", "CHECK", "FOUND", "WHAT TO DO");
        checks.forEach(check -> table.row(verdict(check), check.name(), check.finding(), check.cure()));
        long bad = checks.stream().filter(Check::isBad).count();
        return table + "\n"
                + (bad == 0 ? "this node can run an engine" : bad + " of these keep an engine from working");
    }

    static ObjectNode tree(List<Check> checks) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("ok", checks.stream().noneMatch(Check::isBad));
        ArrayNode array = tree.putArray("checks");
        for (Check check : checks) {
            array.addObject()
                    .put("name", check.name())
                    .put("verdict", verdict(check))
                    .put("finding", check.finding())
                    .put("cure", check.cure());
        }
        return tree;
    }

    private static String verdict(Check check) {
        return check.verdict().name().toLowerCase(Locale.ROOT);
    }
}
