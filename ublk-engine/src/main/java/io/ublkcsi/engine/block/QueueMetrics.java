package io.ublkcsi.engine.block;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counters of one queue. Written by the queue's thread alone, with plain-cost ordered stores; read by anybody.
 */
public final class QueueMetrics {
    /** Upper bounds of the time buckets: 1 us times 2 to the power of the index. */
    public static final int BUCKETS = 28;

    private static final int REQUESTS = 0;
    private static final int BYTES = 1;
    private static final int ERRORS = 2;
    private static final int TIMED = 3;
    private static final int TIMED_NS = 4;
    private static final int MAX_NS = 5;
    private static final int FIRST_BUCKET = 6;
    private static final int STRIDE = FIRST_BUCKET + BUCKETS;
    private static final int SHARED = BlockOperation.COUNT * STRIDE;
    private static final int BUFFER_WAITS = SHARED;
    private static final int ENTERS = SHARED + 1;

    private final AtomicLongArray counters = new AtomicLongArray(SHARED + 2);

    private void add(int index, long amount) {
        counters.setOpaque(index, counters.getPlain(index) + amount);
    }

    public void onRequest(int operation, int bytes) {
        add(operation * STRIDE + REQUESTS, 1);
        add(operation * STRIDE + BYTES, bytes);
    }

    public void onError(int operation) {
        add(operation * STRIDE + ERRORS, 1);
    }

    public void onTimed(int operation, long durationNs) {
        int base = operation * STRIDE;
        add(base + TIMED, 1);
        add(base + TIMED_NS, durationNs);
        counters.setOpaque(base + MAX_NS, Math.max(counters.getPlain(base + MAX_NS), durationNs));
        add(base + FIRST_BUCKET + bucket(durationNs), 1);
    }

    public void onBufferWait() {
        add(BUFFER_WAITS, 1);
    }

    public void enters(long total) {
        counters.setOpaque(ENTERS, total);
    }

    /** The bucket of a duration: the smallest whose bound is not below it; the last takes the rest. */
    public static int bucket(long durationNs) {
        long microseconds = (durationNs + 999) / 1000;
        int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, microseconds) - 1);
        return Math.min(bits, BUCKETS - 1);
    }

    public static double bucketBoundSeconds(int bucket) {
        return (1L << bucket) / 1e6;
    }

    public long requests(int operation) {
        return counters.getOpaque(operation * STRIDE + REQUESTS);
    }

    public long bytes(int operation) {
        return counters.getOpaque(operation * STRIDE + BYTES);
    }

    public long errors(int operation) {
        return counters.getOpaque(operation * STRIDE + ERRORS);
    }

    public long timed(int operation) {
        return counters.getOpaque(operation * STRIDE + TIMED);
    }

    public long timedNs(int operation) {
        return counters.getOpaque(operation * STRIDE + TIMED_NS);
    }

    public long maxNs(int operation) {
        return counters.getOpaque(operation * STRIDE + MAX_NS);
    }

    public long inBucket(int operation, int bucket) {
        return counters.getOpaque(operation * STRIDE + FIRST_BUCKET + bucket);
    }

    public long bufferWaits() {
        return counters.getOpaque(BUFFER_WAITS);
    }

    public long enters() {
        return counters.getOpaque(ENTERS);
    }
}
