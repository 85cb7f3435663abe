import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.QueueMetrics;
import java.util.Locale;

/**
 * {@code MetricsCost NS-PER-INSTRUCTION}: how many instructions it takes to record a request in {@link QueueMetrics},
 * as a queue does: every request counted, one in 32 timed. For a guest whose clock counts instructions (QEMU's {@code
 * -icount}).
 */
final class MetricsCost {
    private static final int REQUESTS = 4_000_000;
    private static final int ROUNDS = 5;
    private static final int SAMPLE_EVERY = 32;
    private static final int BLOCK = 4096;

    private int sinceSample;
    private long sum;

    public static void main(String[] args) {
        MetricsCost cost = new MetricsCost();
        QueueMetrics metrics = new QueueMetrics();
        double least = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            double nsBare = cost.run(null);
            double nsRecorded = cost.run(metrics);
            least = Math.min(least, nsRecorded - nsBare);
        }
        double instructions = least / Double.parseDouble(args[0]);
        System.out.printf(Locale.ROOT, "%.1f%n", instructions);
        if (cost.sum == 0 || metrics.requests(BlockOperation.READ) != (long) REQUESTS * ROUNDS) {
            throw new IllegalStateException("not every request was recorded");
        }
    }

    private double run(QueueMetrics metrics) {
        long beganNs = System.nanoTime();
        for (int i = 0; i < REQUESTS; i++) {
            sum += i;
            if (metrics != null) {
                record(metrics);
            }
        }
        return (System.nanoTime() - beganNs) / (double) REQUESTS;
    }

    private void record(QueueMetrics metrics) {
        metrics.onRequest(BlockOperation.READ, BLOCK);
        if (++sinceSample >= SAMPLE_EVERY) {
            sinceSample = 0;
            long startNs = System.nanoTime();
            metrics.onTimed(BlockOperation.READ, System.nanoTime() - startNs + sum % 1000);
        }
    }
}
