package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.DataPath;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine dies, the I/O does not: engines are killed at random moments while volumes are written to, four by each
 * data path.
 */
class RecoveryIT {
    private static final String FOLDER = "/mnt/pool-kills";

    static Stream<Trigger> triggers() {
        return Trigger.asked();
    }

    private static long seed() {
        String given = System.getenv("E2E_SEED");
        long seed = given == null || given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
        System.out.println("E2E_SEED=" + seed);
        return seed;
    }

    @ParameterizedTest
    @MethodSource("triggers")
    void noneOfTheIoFails(Trigger trigger) throws Exception {
        long seed = seed();
        Random random = new Random(seed);
        try (Engines engines = Engines.withPool("kills", FOLDER)) {
            Process active = engines.start();
            List<KilledVolumes> all = Guest.dataPaths()
                    .map(path -> new KilledVolumes(engines, path, seed))
                    .toList();
            int devices = engines.devices().size();
            Pace pace = Pace.asked();
            while (pace.next()) {
                all.forEach(KilledVolumes::pause);
                Process successor = trigger.successor(engines);
                all.forEach(KilledVolumes::goOn);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(700)));
                all.forEach(volumes -> volumes.probe().reset());
                active = trigger.end(engines, active, successor);
                engines.awaitServing(active);
                all.forEach(KilledVolumes::noteStall);
            }
            engines.awaitAllLive();
            for (KilledVolumes volumes : all) {
                volumes.verify();
                StallReport.add(
                        new StallReport.Cell("ublk-csi", devices, volumes.label(), trigger.name(), pace.wanted()),
                        volumes.stallsMs(),
                        volumes.probe().errors(),
                        volumes.probe().mismatches());
            }
            engines.clear();
            Engines.terminate(active);
        }
        assertThat(Shell.run("ls /dev | grep -c '^ublkb' || true")).isEqualTo("0");
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
                Engines.ended(active);
                active = engines.start();
            }
            engines.awaitServing(active);
            volumes.noteStall();
            engines.awaitAllLive();
            volumes.verify();
            engines.clear();
            Engines.terminate(active);
        }
    }
}
