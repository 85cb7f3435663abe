package io.ublkcsi.engine.observe;

import io.ublkcsi.engine.block.QueueMetrics;
import java.util.Collection;

/**
 * One operation's counters, added up over queues. Times are those of the sampled requests.
 *
 * @param buckets of {@link QueueMetrics#bucket}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record OperationTotals(
        long requests, long bytes, long errors, long timed, long timedNs, long maxNs, long[] buckets) {

    public static final OperationTotals ZERO = new OperationTotals(0, 0, 0, 0, 0, 0, new long[QueueMetrics.BUCKETS]);

    private static final double NS_PER_SECOND = 1e9;

    /**
     * @param operation of {@link io.ublkcsi.engine.block.BlockOperation}
     */
    public static OperationTotals of(int operation, Collection<QueueMetrics> queues) {
        return queues.stream().map(queue -> of(operation, queue)).reduce(ZERO, OperationTotals::plus);
    }

    private static OperationTotals of(int operation, QueueMetrics queue) {
        long[] buckets = new long[QueueMetrics.BUCKETS];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = queue.inBucket(operation, i);
        }
        return new OperationTotals(
                queue.requests(operation),
                queue.bytes(operation),
                queue.errors(operation),
                queue.timed(operation),
                queue.timedNs(operation),
                queue.maxNs(operation),
                buckets);
    }

    public OperationTotals plus(OperationTotals other) {
        long[] sum = buckets.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.buckets[i];
        }
        return new OperationTotals(
                requests + other.requests,
                bytes + other.bytes,
                errors + other.errors,
                timed + other.timed,
                timedNs + other.timedNs,
                Math.max(maxNs, other.maxNs),
                sum);
    }

    /** An upper bound of a quantile's time in nanoseconds; 0 when nothing was timed. */
    public long quantileNs(double quantile) {
        long all = 0;
        for (long count : buckets) {
            all += count;
        }
        long wanted = (long) Math.ceil(all * quantile);
        long seen = 0;
        for (int i = 0; i < buckets.length && all > 0; i++) {
            seen += buckets[i];
            if (seen >= wanted) {
                return Math.min(maxNs, (long) (QueueMetrics.bucketBoundSeconds(i) * NS_PER_SECOND));
            }
        }
        return 0;
    }
}
