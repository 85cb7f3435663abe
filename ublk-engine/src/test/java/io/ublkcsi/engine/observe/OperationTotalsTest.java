package io.ublkcsi.engine.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.QueueMetrics;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Counters added up, and quantiles from buckets. */
class OperationTotalsTest {
    private final QueueMetrics first = new QueueMetrics();
    private final QueueMetrics second = new QueueMetrics();

    @Test
    void queuesAreAddedUp() {
        first.onRequest(BlockOperation.READ, 512);
        second.onRequest(BlockOperation.READ, 4096);
        second.onError(BlockOperation.READ);
        second.onRequest(BlockOperation.WRITE, 1);

        OperationTotals totals = OperationTotals.of(BlockOperation.READ, List.of(first, second));

        assertThat(totals.requests()).isEqualTo(2);
        assertThat(totals.bytes()).isEqualTo(4608);
        assertThat(totals.errors()).isEqualTo(1);
    }

    @Test
    void quantilesAreUpperBounds() {
        for (int i = 0; i < 99; i++) {
            first.onTimed(BlockOperation.READ, 10_000);
        }
        first.onTimed(BlockOperation.READ, 5_000_000);

        OperationTotals totals = OperationTotals.of(BlockOperation.READ, List.of(first));

        assertThat(totals.quantileNs(0.5)).isBetween(10_000L, 16_000L);
        assertThat(totals.quantileNs(1)).isEqualTo(5_000_000);
        assertThat(OperationTotals.ZERO.quantileNs(0.5)).isZero();
    }

    @Test
    void totalsKeepWhatDetachedDevicesDid() {
        IoTotals totals = new IoTotals();
        totals.update(List.of(first));
        first.onRequest(BlockOperation.WRITE, 100);

        totals.update(List.of(second));
        second.onRequest(BlockOperation.WRITE, 10);
        totals.update(List.of(second));

        assertThat(totals.of(BlockOperation.WRITE).bytes()).isEqualTo(110);
    }

    @Test
    void longestSafepointIsTheMostThatAPeriodAdded() {
        long[] readings = {100, 105, 125, 126};
        int[] at = {0};
        Safepoints safepoints = new Safepoints(() -> readings[at[0]++]);

        safepoints.sample();
        safepoints.sample();
        safepoints.sample();

        assertThat(safepoints.maxSeconds()).isEqualTo(0.020);
        assertThat(new Safepoints(() -> -1).isKnown()).isFalse();
    }
}
