package io.ublkcsi.common.crash;

import java.util.function.Consumer;

/**
 * Numbered places where a test can end the process as {@code kill -9} would: right after each side effect.
 *
 * <p>{@code UBLK_CSI_CRASH_AT=stage.after-mkfs} (environment) or {@code -Dublkcsi.crash.at=...} names the point.
 * Without it, {@link #reach} is one comparison. Unit tests put a hook in place that throws instead.
 */
public final class CrashPoints {
    private static final String CHOSEN = chosen();
    private static volatile Consumer<String> hook = CrashPoints::die;

    private CrashPoints() {}

    /** Called right after a side effect whose name is {@code point}. */
    public static void reach(String point) {
        Consumer<String> current = hook;
        current.accept(point);
    }

    /** For tests: what happens at every point, until the returned handle is closed. */
    public static Observation observe(Consumer<String> observer) {
        hook = observer;
        return () -> hook = CrashPoints::die;
    }

    /** Ends with {@link #close}. */
    public interface Observation extends AutoCloseable {
        @Override
        void close();
    }

    private static void die(String point) {
        if (point.equals(CHOSEN)) {
            System.err.println("crash point " + point);
            // halt: no shutdown hook, no finally block, nothing that a killed process would not do either.
            Runtime.getRuntime().halt(137);
        }
    }

    private static String chosen() {
        String property = System.getProperty("ublkcsi.crash.at");
        return property != null ? property : System.getenv().getOrDefault("UBLK_CSI_CRASH_AT", "");
    }
}
