package io.ublkcsi.common.store;

import io.ublkcsi.common.time.Deadline;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for what another process does to the store. */
public final class StoreWait {
    /** Looked at again after this long even without a change: a lost notification costs a moment, not the deadline. */
    private static final long RECHECK_MS = 1000;

    private final VolumeStore store;

    public StoreWait(VolumeStore store) {
        this.store = store;
    }

    /**
     * Reads until what was read is as wanted, or the deadline passes; returns what was read last.
     *
     * @param kind changes of which kind can bring it about
     * @param id of the record
     */
    public <T> T until(
            VolumeStore.Change.Kind kind, String id, Supplier<T> read, Predicate<T> wanted, Deadline deadline) {
        Semaphore changed = new Semaphore(0);
        try (var _ = store.watch(change -> {
            if (change.kind() == VolumeStore.Change.Kind.ALL
                    || change.kind() == kind && change.id().equals(id)) {
                changed.release();
            }
        })) {
            T current = read.get();
            while (!wanted.test(current) && !deadline.passed()) {
                long waitMs = Math.min(RECHECK_MS, deadline.left().toMillis() + 1);
                if (changed.tryAcquire(waitMs, TimeUnit.MILLISECONDS)) {
                    changed.drainPermits();
                }
                current = read.get();
            }
            return current;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return read.get();
        }
    }
}
