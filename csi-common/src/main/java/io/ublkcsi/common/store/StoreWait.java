package io.ublkcsi.common.store;

import io.ublkcsi.common.time.Deadline;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waits for what another process does to the store. */
public final class StoreWait {
    /** Looked at again after this long even without a change: a lost notification costs a moment, not the deadline. */
    private static final long RECHECK_MS = 1000;

    private final VolumeStore store;

    public StoreWait(VolumeStore store) {
        this.store = store;
    }

    /**
     * Reads a record until its status is as wanted, or it is gone, or the deadline passes; returns what was read last.
     *
     * @param kind of the records
     */
    public <S extends Spec<S>, T extends Status> Optional<Entry<S, T>> until(
            VolumeStore.Change.Kind kind, Records<S, T> records, String id, Predicate<T> wanted, Deadline deadline) {
        Semaphore changed = new Semaphore(0);
        try (var _ = store.watch(change -> {
            if (change.kind() == VolumeStore.Change.Kind.ALL
                    || change.kind() == kind && change.id().equals(id)) {
                changed.release();
            }
        })) {
            Optional<Entry<S, T>> current = records.get(id);
            while (current.isPresent() && !wanted.test(current.get().status()) && !deadline.passed()) {
                long waitMs = Math.min(RECHECK_MS, deadline.left().toMillis() + 1);
                if (changed.tryAcquire(waitMs, TimeUnit.MILLISECONDS)) {
                    changed.drainPermits();
                }
                current = records.get(id);
            }
            return current;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return records.get(id);
        }
    }
}
