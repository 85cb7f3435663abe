package io.ublkcsi.common.time;

import java.time.Duration;

/**
 * A point on the monotonic clock by which something has to be over. Every wait has one.
 *
 * @param atNs {@link System#nanoTime()} at the end
 */
public record Deadline(long atNs) {
    /** This long from now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** What is left; zero, never negative, once it has passed. */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, atNs - System.nanoTime()));
    }

    public boolean passed() {
        return atNs - System.nanoTime() <= 0;
    }

    /** The earlier of this one and {@code duration} from now. */
    public Deadline atMost(Duration duration) {
        Deadline other = in(duration);
        return other.atNs - atNs < 0 ? other : this;
    }

    /** This one, brought forward by {@code duration}: room to clean up or to answer after a wait ended. */
    public Deadline minus(Duration duration) {
        return new Deadline(atNs - duration.toNanos());
    }
}
