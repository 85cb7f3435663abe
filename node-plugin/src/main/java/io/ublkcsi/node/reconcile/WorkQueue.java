package io.ublkcsi.node.reconcile;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What has to be looked at, each thing once: a key that is added again while it waits is not added twice, and one that
 * is being worked on is handed out again only when that ended.
 *
 * <p>Thread-safe.
 */
final class WorkQueue<K> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<K, Long> dueNs = new HashMap<>();
    private final Set<K> active = new HashSet<>();
    private boolean closed;

    void add(K key) {
        addAfter(key, Duration.ZERO);
    }

    /** The earlier time counts when the key waits already. */
    void addAfter(K key, Duration delay) {
        long due = System.nanoTime() + delay.toNanos();
        lock.lock();
        try {
            dueNs.merge(key, due, (one, other) -> one - other <= 0 ? one : other);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next key; empty once the queue is closed. Follow with {@link #done}. */
    Optional<K> take() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                long now = System.nanoTime();
                Optional<Map.Entry<K, Long>> next = next(now);
                if (next.isEmpty()) {
                    changed.await();
                } else if (next.get().getValue() - now <= 0) {
                    K key = next.get().getKey();
                    dueNs.remove(key);
                    active.add(key);
                    return Optional.of(key);
                } else {
                    changed.await(next.get().getValue() - now, TimeUnit.NANOSECONDS);
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    void done(K key) {
        lock.lock();
        try {
            active.remove(key);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Map.Entry<K, Long>> next(long now) {
        return dueNs.entrySet().stream()
                .filter(entry -> !active.contains(entry.getKey()))
                .min((one, other) -> Long.compare(one.getValue() - now, other.getValue() - now));
    }
}
