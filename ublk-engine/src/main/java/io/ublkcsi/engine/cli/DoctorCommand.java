package io.ublkcsi.engine.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.ublkcsi.engine.control.KernelFrontends;
import io.ublkcsi.engine.doctor.Check;
import io.ublkcsi.engine.doctor.Doctor;
import io.ublkcsi.engine.json.Json;
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
        spec.commandLine().getOut().println(json ? Json.indented(tree(checks)) : text(checks));
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

    static JsonObject tree(List<Check> checks) {
        JsonArray array = new JsonArray();
        checks.forEach(check -> array.add(tree(check)));
        JsonObject tree = new JsonObject();
        tree.addProperty("ok", checks.stream().noneMatch(Check::isBad));
        tree.add("checks", array);
        return tree;
    }

    private static JsonObject tree(Check check) {
        JsonObject tree = new JsonObject();
        tree.addProperty("name", check.name());
        tree.addProperty("verdict", verdict(check));
        tree.addProperty("finding", check.finding());
        tree.addProperty("cure", check.cure());
        return tree;
    }

    private static String verdict(Check check) {
        return check.verdict().name().toLowerCase(Locale.ROOT);
    }
}
