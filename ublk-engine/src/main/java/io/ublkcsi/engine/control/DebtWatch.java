package io.ublkcsi.engine.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells when a device that was taken over has done what the dead engine owed. The kernel does not tell these requests
 * from new ones, but hands them out first: they are done when nothing is under way, or when as many requests as were
 * under way at the start have ended since.
 */
final class DebtWatch {
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    /** A node that is busy may take so long to hand out the first of them. */
    private static final long FIRST_NS = TimeUnit.SECONDS.toNanos(1);

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
        long ended = ended();
        long startNs = System.nanoTime();
        LockSupport.parkNanos(SETTLE_NS);
        while (field(IN_FLIGHT) == 0 && ended() == ended && System.nanoTime() - startNs < FIRST_NS) {
            LockSupport.parkNanos(POLL_NS);
        }
        long owed = field(IN_FLIGHT) + ended() - ended;
        while (field(IN_FLIGHT) > 0 && ended() - ended < owed) {
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private long ended() {
        long sum = 0;
        for (int field : ENDED) {
            sum += field(field);
        }
        return sum;
    }

    private long field(int number) {
        try {
            String[] fields = Files.readString(stat).strip().split("\\s+");
            return number < fields.length ? Long.parseLong(fields[number]) : 0;
        } catch (IOException gone) {
            return 0;
        }
    }
}
