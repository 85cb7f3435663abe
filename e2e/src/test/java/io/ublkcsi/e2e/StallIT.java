package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DataPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How long the I/O of one device stands still when its server ends, beside a compiled server in the same guest: the
 * kernel's own test server, started anew to recover its device. Both on the data path that a device gets by itself.
 */
class StallIT {
    private static final String FOLDER = "/mnt/pool-kills";
    private static final DataPath PATH = Guest.dataPaths().toList().getLast();

    private static final Map<DataPath, String> KUBLK_PATHS =
            Map.of(DataPath.DATA_PATH_ZERO_COPY_AUTO, "--auto_zc", DataPath.DATA_PATH_USER_COPY, "-u");

    static Stream<Trigger> triggers() {
        return Trigger.asked();
    }

    @AfterAll
    static void print() {
        StallReport.print();
    }

    @ParameterizedTest
    @MethodSource("triggers")
    void ofAnEngine(Trigger trigger) throws Exception {
        AttachOptions options = AttachOptions.newBuilder().setDataPath(PATH).build();
        List<Double> stalls = new ArrayList<>();
        Pace pace = Pace.asked();
        try (Engines engines = Engines.withPool("stall", FOLDER)) {
            Process active = engines.start();
            String device = engines.attach("stall", 16 * Guest.MIB, options).getPath();
            try (StallProbe probe = new StallProbe(device, 1)) {
                while (pace.next()) {
                    probe.pause();
                    Process successor = trigger.successor(engines);
                    if (successor != null) {
                        assertThat(engines.said(successor)).doesNotContain("rehearsal was cut short", "no rehearsal");
                    }
                    probe.goOn();
                    probe.longestMs();
                    probe.reset();
                    active = trigger.end(engines, active, successor);
                    stalls.add(probe.longestMs());
                }
                report("ublk-csi", trigger.name(), pace, stalls, probe);
            }
            engines.awaitAllLive();
            engines.clear();
            Engines.terminate(active);
        }
    }

    @Test
    void ofACompiledServer() throws Exception {
        String kublk = Guest.environment("E2E_KUBLK");
        String device = " -t loop -n 901 -q 1 -d 128 -r 1 -i 1 " + KUBLK_PATHS.get(PATH) + " " + FOLDER + "/kublk.raw";
        Shell.run("mkdir -p " + FOLDER + " && truncate -s 16M " + FOLDER + "/kublk.raw && " + kublk + " add" + device);
        List<Double> stalls = new ArrayList<>();
        Pace pace = Pace.asked();
        try (StallProbe probe = new StallProbe("/dev/ublkb901", 1)) {
            while (pace.next()) {
                probe.longestMs();
                String pid = Shell.run(kublk + " list -n 901 | grep -o 'daemon pid [0-9]*' | grep -o '[0-9]*$'");
                probe.reset();
                Shell.run("kill -KILL " + pid + "; for i in {1..500}; do " + kublk + " recover" + device
                        + " > /dev/null 2>&1 && exit 0; done; exit 1");
                stalls.add(probe.longestMs());
            }
            report("kublk", "recover", pace, stalls, probe);
        } finally {
            Shell.attempt(kublk + " del -n 901; rm -f " + FOLDER + "/kublk.raw");
        }
    }

    private static void report(String server, String trigger, Pace pace, List<Double> stalls, StallProbe probe)
            throws Exception {
        StallReport.add(
                new StallReport.Cell(server, 1, Guest.label(PATH), trigger, pace.wanted()),
                stalls,
                probe.errors(),
                probe.mismatches());
        assertThat(probe.firstFailure()).isEmpty();
    }
}
