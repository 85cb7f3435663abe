package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.DataPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine dies, the I/O does not: engines are killed at random moments while four volumes are written to. */
class RecoveryIT {
    private static final int KILLS = Integer.parseInt(Guest.environment("E2E_RECOVERY_KILLS"));
    private static final String FOLDER = "/mnt/pool-kills";

    /** Why an engine ends, and what is there to take over. */
    enum Trigger {
        /** Killed; the next one is started then. */
        COLD,
        /** Killed, while a standby waits. */
        STANDBY,
        /** Told to end, while a standby waits. */
        HANDOVER
    }

    static Stream<Arguments> cells() {
        List<String> wanted = List.of(Guest.environment("E2E_TRIGGERS").split(" "));
        return Guest.dataPaths()
                .flatMap(path -> Stream.of(Trigger.values())
                        .filter(trigger -> wanted.contains(trigger.name().toLowerCase(Locale.ROOT)))
                        .map(trigger -> Arguments.of(path, trigger)));
    }

    @AfterAll
    static void print() {
        StallReport.print();
    }

    private static long seed() {
        String given = System.getenv("E2E_SEED");
        long seed = given == null || given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
        System.out.println("E2E_SEED=" + seed);
        return seed;
    }

    @ParameterizedTest
    @MethodSource("cells")
    void noneOfTheIoFails(DataPath path, Trigger trigger) throws Exception {
        long seed = seed();
        Random random = new Random(seed);
        List<Double> stalls = new ArrayList<>();
        try (Engines engines = Engines.withPool("kills", FOLDER)) {
            Process active = engines.start();
            KilledVolumes volumes = new KilledVolumes(engines, path, seed);
            for (int kill = 0; kill < KILLS; kill++) {
                Process standby = trigger == Trigger.COLD ? null : engines.startStandby();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(700)));
                volumes.probe().reset();
                active = end(engines, active, standby, trigger);
                stalls.add(volumes.probe().longestMs());
            }
            engines.awaitAllLive();
            volumes.verify();
            String label = path.name()
                    .replace("DATA_PATH_", "")
                    .toLowerCase(Locale.ROOT)
                    .replace('_', '-');
            StallReport.add(
                    label,
                    trigger.name().toLowerCase(Locale.ROOT),
                    stalls,
                    volumes.probe().errors(),
                    volumes.probe().mismatches());
            Engines.terminate(active);
        }
        assertThat(Shell.run("ls /dev | grep -c '^ublkb' || true")).isEqualTo("0");
    }

    /** Answers the engine that is active now. */
    private static Process end(Engines engines, Process active, Process standby, Trigger trigger) {
        if (trigger == Trigger.HANDOVER) {
            Engines.terminate(active);
            return standby;
        }
        Engines.kill(active);
        return standby == null ? engines.start() : standby;
    }

    /** Each comes before the one before it has been got over, or while it is. */
    @Test
    void tenKillsWithinAMinute() throws Exception {
        long seed = seed();
        Random random = new Random(seed);
        try (Engines engines = Engines.withPool("kills", FOLDER)) {
            Process active = engines.start();
            KilledVolumes volumes = new KilledVolumes(engines, DataPath.DATA_PATH_AUTO, seed);
            for (int kill = 0; kill < 10; kill++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(3000)));
                Engines.kill(active);
                active = engines.start();
            }
            volumes.probe().longestMs();
            engines.awaitAllLive();
            volumes.verify();
        }
    }

    /** The kernel's own test server, started anew to recover its device: what a compiled server takes here. */
    @Test
    void besideACompiledServer() throws Exception {
        String kublk = Guest.environment("E2E_KUBLK");
        String device = " -t loop -n 901 -q 1 -d 128 -r 1 -i 1 /mnt/pool-kills/kublk.raw";
        Shell.run("truncate -s 16M /mnt/pool-kills/kublk.raw && " + kublk + " add" + device);
        List<Double> stalls = new ArrayList<>();
        try (StallProbe probe = new StallProbe("/dev/ublkb901", 1)) {
            for (int kill = 0; kill < KILLS; kill++) {
                probe.longestMs();
                String pid = Shell.run(kublk + " list -n 901 | grep -o 'daemon pid [0-9]*' | grep -o '[0-9]*$'");
                probe.reset();
                Shell.run("kill -KILL " + pid + "; for i in {1..500}; do " + kublk + " recover" + device
                        + " > /dev/null 2>&1 && exit 0; done; exit 1");
                stalls.add(probe.longestMs());
            }
            StallReport.add("plain-copy", "kublk", stalls, probe.errors(), probe.mismatches());
            assertThat(probe.firstFailure()).isEmpty();
        } finally {
            Shell.attempt(kublk + " del -n 901");
        }
    }
}
