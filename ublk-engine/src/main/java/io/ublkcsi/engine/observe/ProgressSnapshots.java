package io.ublkcsi.engine.observe;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;

/** What the watchdog has seen, as metrics. */
final class ProgressSnapshots {
    private ProgressSnapshots() {}

    static List<MetricSnapshot> of(Progress progress) {
        return List.of(
                gauge(
                        "ublk_csi_stalled_devices",
                        "Devices with requests that have made no progress for " + StuckRequests.SECONDS + " seconds.",
                        progress.stalledDevices()),
                gauge(
                        "ublk_csi_stalled_requests",
                        "How many requests those are, at least.",
                        progress.stalledRequests()),
                counter("ublk_csi_stalls", "How often a device began to stall.", progress.stalls()),
                counter(
                        "ublk_csi_stall_seconds",
                        "How long devices have stalled, all together, from when it was noticed.",
                        progress.stalledSeconds()),
                gauge("ublk_csi_held_requests", "Requests that wait for space in their pool.", progress.heldRequests()),
                counter("ublk_csi_holds", "How often a volume began to wait for space.", progress.holds()),
                counter(
                        "ublk_csi_hold_seconds",
                        "How long volumes have waited for space, all together.",
                        progress.heldSeconds()));
    }

    private static MetricSnapshot gauge(String name, String help, double value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
                .build();
    }

    private static MetricSnapshot counter(String name, String help, double value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(CounterDataPointSnapshot.builder().value(value).build())
                .build();
    }
}
