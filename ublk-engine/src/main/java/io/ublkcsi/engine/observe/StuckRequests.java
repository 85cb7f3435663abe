package io.ublkcsi.engine.observe;

import java.util.Arrays;

/**
 * How many of a device's requests are under way for {@link #SECONDS} or longer, at least: those that were under way
 * then, less all that have ended since. Only the kernel's own counters are asked, so that a stuck thread of ours is
 * seen as well as a stuck disk, and the I/O path does nothing for it.
 */
final class StuckRequests {
    static final int SECONDS = 10;

    private final String path;
    /** Requests begun until then, a second each; zero before the first look. */
    private final long[] begun = new long[SECONDS];

    private int looks;
    private long ended;

    StuckRequests(String path) {
        this.path = path;
    }

    /** The same volume may be another device after it was attached again. */
    boolean isOf(String device) {
        return device.equals(path);
    }

    /** Called once a second. */
    long look(DiskCounters now) {
        if (now.ended() < ended) {
            // Another device of the same name, whose counters begin anew.
            Arrays.fill(begun, 0);
        }
        ended = now.ended();
        int slot = looks++ % SECONDS;
        long stuck = begun[slot] - now.ended();
        begun[slot] = now.ended() + now.inflight();
        return Math.clamp(stuck, 0, now.inflight());
    }
}
