package io.ublkcsi.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.service.RunningServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The program as people and scripts use it: what it prints, and how it ends. */
class CommandLineTest {
    private final RunningServer server = new RunningServer();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void close() {
        server.close();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return UblkCsi.commandLine(arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private int ask(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--socket";
        all[arguments.length + 1] = server.socket().toString();
        return run(all);
    }

    @Test
    void attachPrintsTheDevice() {
        assertThat(ask("attach", "p/v", "--depth", "64", "--data-path", "user-copy"))
                .isEqualTo(ExitCode.OK);

        assertThat(out).hasToString("/dev/ublkb0\n");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void listIsATableOrJson() {
        ask("attach", "p/v");

        assertThat(ask("list")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains(
                        "VOLUME  DEVICE       STATE",
                        "p/v     /dev/ublkb0  live",
                        "user-copy",
                        "ublk device 7 is not ours");
        assertThat(ask("list", "--json")).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains(
                        "\"volumeId\": \"v\"",
                        "\"state\": \"live\"",
                        "\"dataPath\": \"user-copy\"",
                        "\"sizeBytes\": 1048576");
    }

    @Test
    void volumesAndSnapshots() {
        assertThat(ask("volume", "create", "p/v", "--size", "1Mi")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("p/v", "1.0 MiB", "thin");
        assertThat(ask("volume", "list", "p")).isEqualTo(ExitCode.OK);
        assertThat(ask("volume", "show", "p/v", "--json")).isEqualTo(ExitCode.OK);
        assertThat(ask("volume", "grow", "p/v", "--size", "2Mi")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("2.0 MiB");
        assertThat(ask("snapshot", "create", "p/s", "--of", "v")).isEqualTo(ExitCode.OK);
        assertThat(ask("snapshot", "list", "p")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("p/s", "ready");
        assertThat(ask("volume", "create", "p/w", "--from-snapshot", "s")).isEqualTo(ExitCode.OK);
        assertThat(ask("snapshot", "delete", "p/s")).isEqualTo(ExitCode.OK);
        assertThat(ask("volume", "delete", "p/v")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void resizeGrowsTheVolumeFirst() {
        ask("volume", "create", "p/v", "--size", "1Mi");
        ask("attach", "p/v");

        assertThat(ask("resize", "p/v", "--size", "2Mi")).isEqualTo(ExitCode.OK);
        assertThat(out).hasToString("p/v has 2.0 MiB\n");
    }

    @Test
    void statsAndPools() {
        ask("attach", "p/v");

        assertThat(ask("stats")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("OPERATION", "write_zeroes");
        assertThat(ask("pools")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("fake");
    }

    @Test
    void exitCodesMeanSomething() {
        assertThat(ask("volume", "show", "p/none")).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(err.toString()).contains("ublk-csi: there is no volume none");
        assertThat(ask("attach", "p/v", "--depth", "5000")).isEqualTo(ExitCode.USAGE);
        assertThat(ask("attach", "nonsense")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("is not POOL/NAME");
        assertThat(ask("attach", "p/v", "--data-path", "teleport")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("use auto, plain-copy, user-copy, zero-copy-manual, zero-copy-auto");
        ask("attach", "p/v");
        assertThat(ask("volume", "delete", "p/v")).isEqualTo(ExitCode.PRECONDITION);
        assertThat(run("list", "--socket", "/nowhere/engine.sock")).isEqualTo(ExitCode.NO_ENGINE);
        assertThat(err.toString()).contains("no engine answers");
    }

    @Test
    void helpListsTheExitCodes() {
        assertThat(run("--help")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("Exit codes:", "no engine answers", "doctor");
    }

    @Test
    void everyCommandHasHelp() {
        for (CommandLine command : UblkCsi.commandLine().getSubcommands().values()) {
            assertThat(run(command.getCommandName(), "--help"))
                    .as(command.getCommandName())
                    .isEqualTo(ExitCode.OK);
        }
    }
}
