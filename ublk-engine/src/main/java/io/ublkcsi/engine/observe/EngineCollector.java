package io.ublkcsi.engine.observe;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.control.DeviceControl;
import io.ublkcsi.engine.control.DeviceState;
import io.ublkcsi.engine.control.DeviceView;
import io.ublkcsi.engine.control.EngineEvent;
import io.ublkcsi.engine.pool.Pool;
import io.ublkcsi.engine.pool.PoolInfo;
import io.ublkcsi.engine.pool.PoolRegistry;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** The engine's metrics. Everything is read when Prometheus asks; the I/O path only has its counters. */
final class EngineCollector implements MultiCollector {
    private static final double NS_PER_SECOND = 1e9;
    private static final String RECOVERED = "recovered";

    private final DeviceControl devices;
    private final PoolRegistry pools;
    private final Watchdog watchdog;
    private final IoTotals totals = new IoTotals();
    private final AtomicLong recoveries = new AtomicLong();

    EngineCollector(DeviceControl devices, PoolRegistry pools, Watchdog watchdog) {
        this.devices = devices;
        this.pools = pools;
        this.watchdog = watchdog;
    }

    /** A device came, went or recovered. */
    void onEvent(EngineEvent event) {
        if (event.kind().equals(RECOVERED)) {
            recoveries.incrementAndGet();
        }
        update(devices.devices());
    }

    private void update(List<DeviceView> views) {
        totals.update(views.stream().flatMap(view -> view.metrics().stream()).toList());
    }

    @Override
    public MetricSnapshots collect() {
        List<DeviceView> views = devices.devices();
        update(views);
        MetricSnapshots.Builder all = MetricSnapshots.builder()
                .metricSnapshot(durations())
                .metricSnapshot(bytes())
                .metricSnapshot(inflight(views))
                .metricSnapshot(states(views))
                .metricSnapshot(recoveries())
                .metricSnapshot(pools());
        ProgressSnapshots.of(watchdog.progress()).forEach(all::metricSnapshot);
        if (watchdog.safepoints().isKnown()) {
            all.metricSnapshot(safepoint());
        }
        return all.build();
    }

    private HistogramSnapshot durations() {
        HistogramSnapshot.Builder snapshot = HistogramSnapshot.builder()
                .name("ublk_csi_io_duration_seconds")
                .unit(Unit.SECONDS)
                .help("Time from the kernel's request to our answer, of one request in 32: a queue times a sample,"
                        + " so the count is that of the sample.");
        for (int operation = 0; operation < BlockOperation.COUNT; operation++) {
            OperationTotals sum = totals.of(operation);
            snapshot.dataPoint(HistogramDataPointSnapshot.builder()
                    .labels(label(operation))
                    .sum(sum.timedNs() / NS_PER_SECOND)
                    .classicHistogramBuckets(buckets(sum.buckets()))
                    .build());
        }
        return snapshot.build();
    }

    /** The last bucket has no bound. */
    private static ClassicHistogramBuckets buckets(long[] counts) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < counts.length - 1; i++) {
            buckets.bucket(QueueMetrics.bucketBoundSeconds(i), counts[i]);
        }
        return buckets.bucket(Double.POSITIVE_INFINITY, counts[counts.length - 1])
                .build();
    }

    private CounterSnapshot bytes() {
        CounterSnapshot.Builder snapshot =
                CounterSnapshot.builder().name("ublk_csi_io_bytes").help("Bytes asked for, by operation.");
        for (int operation = 0; operation < BlockOperation.COUNT; operation++) {
            snapshot.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(label(operation))
                    .value(totals.of(operation).bytes())
                    .build());
        }
        return snapshot.build();
    }

    private static Labels label(int operation) {
        return Labels.of("op", BlockOperation.name(operation));
    }

    private static GaugeSnapshot inflight(List<DeviceView> views) {
        long sum = views.stream().mapToLong(view -> Inflight.of(view.path())).sum();
        return GaugeSnapshot.builder()
                .name("ublk_csi_io_inflight")
                .help("Requests that the kernel's block layer has under way on our devices.")
                .dataPoint(point(Labels.EMPTY, sum))
                .build();
    }

    private static GaugeSnapshot states(List<DeviceView> views) {
        GaugeSnapshot.Builder snapshot =
                GaugeSnapshot.builder().name("ublk_csi_devices").help("Devices of this engine, by state.");
        for (DeviceState state : DeviceState.values()) {
            long count = views.stream().filter(view -> view.state() == state).count();
            snapshot.dataPoint(point(Labels.of("state", state.name().toLowerCase(Locale.ROOT)), count));
        }
        return snapshot.build();
    }

    private CounterSnapshot recoveries() {
        return CounterSnapshot.builder()
                .name("ublk_csi_recoveries")
                .help("Devices that this engine took over from one that was gone.")
                .dataPoint(CounterDataPointSnapshot.builder()
                        .value(recoveries.get())
                        .build())
                .build();
    }

    private GaugeSnapshot pools() {
        GaugeSnapshot.Builder snapshot = GaugeSnapshot.builder()
                .name("ublk_csi_pool_bytes")
                .help("A pool's space: total and free on its file system, reserved for what was promised, available"
                        + " for new volumes.");
        for (Pool pool : pools.pools()) {
            PoolInfo info = pool.info();
            snapshot.dataPoint(point(poolLabels(info, "total"), info.totalBytes()));
            snapshot.dataPoint(point(poolLabels(info, "free"), info.freeBytes()));
            snapshot.dataPoint(point(poolLabels(info, "reserved"), info.reservedBytes()));
            snapshot.dataPoint(point(poolLabels(info, "available"), info.availableBytes()));
        }
        return snapshot.build();
    }

    private static Labels poolLabels(PoolInfo info, String kind) {
        return Labels.of("pool", info.name(), "kind", kind);
    }

    private GaugeSnapshot safepoint() {
        return GaugeSnapshot.builder()
                .name("ublk_csi_safepoint_seconds_max")
                .help("Longest time that the JVM stopped every thread: the most that one second spent in safepoints.")
                .dataPoint(point(Labels.EMPTY, watchdog.safepoints().maxSeconds()))
                .build();
    }

    private static GaugeDataPointSnapshot point(Labels labels, double value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}
