package io.ublkcsi.e2e;

import java.util.concurrent.TimeUnit;

/**
 * How often a test kills: as often as it was asked to, and less often, but {@link #LEAST} times, where the machine is
 * slow and the time is limited.
 */
final class Pace {
    private static final int LEAST = 3;

    private final int wanted;
    private final long deadlineNs;
    private int done;

    /**
     * @param seconds 0: as long as it takes
     */
    Pace(int wanted, long seconds) {
        this.wanted = wanted;
        this.deadlineNs =
                System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds == 0 ? TimeUnit.DAYS.toSeconds(10) : seconds);
    }

    /** As the guest was told: {@code E2E_RECOVERY_KILLS}, {@code E2E_RECOVERY_SECONDS}. */
    static Pace asked() {
        return new Pace(asInt("E2E_RECOVERY_KILLS"), asInt("E2E_RECOVERY_SECONDS"));
    }

    private static int asInt(String variable) {
        return Integer.parseInt(Guest.environment(variable));
    }

    /** Whether there is one more. */
    boolean next() {
        boolean more = done < wanted && (done < LEAST || System.nanoTime() < deadlineNs);
        done += more ? 1 : 0;
        return more;
    }

    int wanted() {
        return wanted;
    }
}
