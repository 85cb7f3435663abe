package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.csi.v1.VolumeCapability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Many volumes made, staged and published, some at a time: that there are many already must not make the next one slow.
 * The last twenty are held against the twenty around the twentieth. Runs for those who say how many (E2E_VOLUMES);
 * leaves {@code many-volumes.json}.
 */
class ManyVolumesIT {
    private static final int VOLUMES = Integer.parseInt(Guest.environment("E2E_VOLUMES"));
    private static final int AT_A_TIME = 8; // more, and an emulated CPU needs longer for them than a call may take
    private static final int COMPARED = 20;
    private static final int FIRST_COMPARED = 10;
    private static final double MAX_RATIO = 1.5;
    private static final long SIZE = 32 * Guest.MIB;
    private static final VolumeCapability USE = CsiCalls.mounted("ext4");
    private static final CsiCalls CALLS = new CsiCalls(
            Guest.environment("E2E_NODE_SOCKET"), Guest.environment("E2E_CONTROLLER_SOCKET"), Path.of("/run/plugin"));

    private final String[] ids = new String[VOLUMES];

    @Test
    void theLastIsNotSlowerThanTheTwentieth() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Long> timesMs;
            try {
                timesMs = InParallel.run(callers, VOLUMES, this::bringUp);
            } finally {
                InParallel.run(callers, VOLUMES, this::takeDown);
            }
            long[] early = sorted(timesMs.subList(FIRST_COMPARED, FIRST_COMPARED + COMPARED));
            long[] late = sorted(timesMs.subList(VOLUMES - COMPARED, VOLUMES));
            report(early, late);
            assertThat((double) p99(late) / p99(early)).isLessThanOrEqualTo(MAX_RATIO);
        }
    }

    /** From the create call to the end of the publish call, in milliseconds. */
    private long bringUp(int number) {
        String name = "many-" + number;
        long beganNs = System.nanoTime();
        ids[number] = CALLS.create(name, SIZE, USE, UnaryOperator.identity());
        CALLS.stage(name, ids[number], USE);
        CALLS.publish(name, ids[number], USE);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
    }

    private long takeDown(int number) {
        if (ids[number] != null) {
            String name = "many-" + number;
            CALLS.unpublish(name, ids[number]);
            CALLS.unstage(name, ids[number]);
            CALLS.delete(ids[number]);
        }
        return 0;
    }

    private static long[] sorted(List<Long> times) {
        return times.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    private static long p99(long[] sorted) {
        return sorted[(int) Math.ceil(sorted.length * 0.99) - 1];
    }

    private static void report(long[] early, long[] late) throws IOException {
        String figures = String.format(
                Locale.ROOT,
                "{\"volumes\": %d, \"atATime\": %d, \"earlyMs\": %s, \"lateMs\": %s, \"ratioOfP99\": %.2f}",
                VOLUMES,
                AT_A_TIME,
                Arrays.toString(early),
                Arrays.toString(late),
                (double) p99(late) / p99(early));
        System.out.println(figures);
        Files.writeString(Path.of(Guest.environment("RESULTS"), "many-volumes.json"), figures + "\n");
    }
}
