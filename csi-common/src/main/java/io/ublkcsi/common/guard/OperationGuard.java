package io.ublkcsi.common.guard;

import io.ublkcsi.common.fault.CsiFault;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * One operation per volume at a time. The second caller does not wait: it is told to come again (ABORTED), as the CSI
 * specification asks. No entry outlives its operation, and every operation has a deadline, so nothing stays locked.
 *
 * <p>Thread-safe.
 */
public final class OperationGuard {
    private final ConcurrentMap<String, String> running = new ConcurrentHashMap<>();

    /**
     * Runs {@code work} as the only operation on {@code key}.
     *
     * @param key what is guarded, such as {@code volume pvc-1}
     * @param operation for the message that the second caller gets
     * @throws CsiFault.Busy when another operation on the key is under way
     */
    public <T> T alone(String key, String operation, Supplier<T> work) {
        String other = running.putIfAbsent(key, operation);
        if (other != null) {
            throw new CsiFault.Busy(other + " on " + key + " is under way; " + operation + " has to be called again");
        }
        try {
            return work.get();
        } finally {
            running.remove(key);
        }
    }

    /** As {@link #alone(String, String, Supplier)}, for work without a result. */
    public void alone(String key, String operation, Runnable work) {
        alone(key, operation, () -> {
            work.run();
            return Boolean.TRUE;
        });
    }
}
