package io.ublkcsi.engine.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a device that was taken over has done what the dead engine owed. The kernel does not tell these requests
 * from new ones, but hands them out first: they are done when nothing is under way, or when as many requests as were
 * under way at the start have ended since.
 */
final class DebtWatch {
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    /** A node that is busy may take so long to hand out the first of them. */
    private static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);
    /** Fields of {@code /sys/block/NAME/stat}: requests that ended, by operation (Documentation/block/stat.rst). */
    private static final int[] ENDED = {0, 4, 11, 15};

    private static final int IN_FLIGHT = 8;

    private final Path stat;

    DebtWatch(String device) {
        this.stat = Path.of("/sys/block", Path.of(device).getFileName().toString(), "stat");
    }

    /** Answers when it is so, or when the device has gone. */
    void await() {
        long startNs = System.nanoTime();
        Counters first = look();
        LockSupport.parkNanos(SETTLE_NS);
        Counters now = look();
        while (now != null && now.equals(first) && now.inFlight == 0 && System.nanoTime() - startNs < FIRST_NS) {
            LockSupport.parkNanos(POLL_NS);
            now = look();
        }
        if (first == null || now == null) {
            return;
        }
        long paid = now.ended + now.inFlight;
        while (now != null && now.inFlight > 0 && now.ended < paid) {
            LockSupport.parkNanos(POLL_NS);
            now = look();
        }
    }

    private record Counters(long ended, long inFlight) {}

    /** Null when the device has gone. */
    private @Nullable Counters look() {
        try {
            String[] fields = Files.readString(stat).strip().split("\\s+");
            long ended = 0;
            for (int field : ENDED) {
                ended += field(fields, field);
            }
            return new Counters(ended, field(fields, IN_FLIGHT));
        } catch (IOException gone) {
            return null;
        }
    }

    private static long field(String[] fields, int number) {
        return number < fields.length ? Long.parseLong(fields[number]) : 0;
    }
}
