package io.ublkcsi.engine.backend.space;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the volumes of a pool may still take, until its owner looks again. While there is plenty, nobody counts; else
 * every write takes its bytes from what is left. Writes that were let through and have not reached the disk when the
 * owner looks are not counted by either: by so much, which the depth of the queues bounds, a pool may get below what it
 * keeps free. Any thread.
 */
public final class FreeSpace {
    private final AtomicLong left = new AtomicLong();
    private volatile boolean plenty;

    /**
     * @param bytes that may be written from now on
     * @param plentyBytes above which nobody has to count until the next look
     */
    public void found(long bytes, long plentyBytes) {
        left.set(bytes);
        plenty = bytes > plentyBytes;
    }

    boolean isPlenty() {
        return plenty;
    }

    /** Whether {@code bytes} more may be written; if so, they are counted. */
    boolean take(long bytes) {
        if (plenty) {
            return true;
        }
        long before = left.get();
        while (before >= bytes) {
            long seen = left.compareAndExchange(before, before - bytes);
            if (seen == before) {
                return true;
            }
            before = seen;
        }
        return false;
    }
}
