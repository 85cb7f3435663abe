package io.ublkcsi.engine.observe;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the JVM has stopped all threads at once, which stops I/O too.
 *
 * <p>HotSpot counts the time that it spent in safepoints but keeps no maximum, and both flight recorder and a parsed
 * log cost more than the figure is worth. So the count is read once a second: what a second added is an upper bound of
 * its longest safepoint, and exact when there was one. In an engine that allocates nothing, there seldom is one. The
 * counter is HotSpot's own ({@code sun.management}), in milliseconds, and needs {@code --add-exports
 * java.management/sun.management=ALL-UNNAMED}; without it the metric is left out.
 */
final class Safepoints {
    static final long PERIOD_MS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(Safepoints.class);

    private final LongSupplier totalMs;
    private long lastMs;
    private volatile long maxMs;

    /**
     * @param totalMs time spent in safepoints so far, or a negative number when nobody knows
     */
    Safepoints(LongSupplier totalMs) {
        this.totalMs = totalMs;
        this.lastMs = totalMs.getAsLong();
    }

    static Safepoints ofJvm() {
        return new Safepoints(counter());
    }

    private static LongSupplier counter() {
        try {
            Class<?> factory = Class.forName("sun.management.ManagementFactoryHelper", true, loader());
            Object bean = factory.getMethod("getHotspotRuntimeMBean").invoke(null);
            Method total = Class.forName("sun.management.HotspotRuntimeMBean", true, loader())
                    .getMethod("getTotalSafepointTime");
            total.invoke(bean);
            return () -> read(total, bean);
        } catch (ReflectiveOperationException closed) {
            LOG.info(
                    "the JVM's safepoint counter is not readable ({}): no ublk_csi_safepoint_seconds_max",
                    closed.toString());
            return () -> -1;
        }
    }

    private static ClassLoader loader() {
        return ManagementFactory.class.getClassLoader();
    }

    private static long read(Method total, Object bean) {
        try {
            return (long) total.invoke(bean);
        } catch (IllegalAccessException | InvocationTargetException impossible) {
            return -1;
        }
    }

    boolean isKnown() {
        return lastMs >= 0;
    }

    /** Called every {@link #PERIOD_MS}, by one thread. */
    void sample() {
        long nowMs = totalMs.getAsLong();
        maxMs = Math.max(maxMs, nowMs - lastMs);
        lastMs = nowMs;
    }

    double maxSeconds() {
        return maxMs / (double) TimeUnit.SECONDS.toMillis(1);
    }
}
