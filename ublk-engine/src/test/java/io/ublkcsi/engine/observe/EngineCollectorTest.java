package io.ublkcsi.engine.observe;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.AttachOptions;
import io.ublkcsi.engine.control.EngineEvent;
import io.ublkcsi.engine.control.FakeDevices;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.pool.FakePool;
import io.ublkcsi.engine.pool.PoolRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Prometheus reads. */
class EngineCollectorTest {
    private static final VolumeKey VOLUME = new VolumeKey("p", "v");
    private static final AttachOptions OPTIONS = new AttachOptions(DeviceOptions.DEFAULT, false, false);

    private final FakeDevices devices = new FakeDevices();
    private final PoolRegistry pools = PoolRegistry.open(List.of());
    private final List<Consumer<EngineEvent>> listeners = new ArrayList<>();
    private final Map<String, DiskCounters> disks = new HashMap<>();
    private final Watchdog watchdog =
            new Watchdog(devices, pools, event -> {}, path -> disks.getOrDefault(path, new DiskCounters(0, 0)));
    private final MetricsEndpoint endpoint =
            (MetricsEndpoint) MetricsEndpoint.start("127.0.0.1:0", devices, pools, listeners::add, watchdog);

    @AfterEach
    void close() {
        endpoint.close();
    }

    private String scrape() throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void everyMetricIsThere() throws IOException, InterruptedException {
        pools.add(new FakePool("p"));
        devices.attach(VOLUME, OPTIONS);
        var queue = devices.devices().getFirst().metrics().getFirst();
        queue.onRequest(BlockOperation.WRITE, 4096);
        queue.onTimed(BlockOperation.WRITE, 3_000_000);
        listeners.getFirst().accept(new EngineEvent(1, "recovered", VOLUME, "from a dead engine"));

        String text = scrape();

        assertThat(text)
                .contains(
                        "ublk_csi_io_bytes_total{op=\"write\"} 4096.0",
                        "ublk_csi_io_duration_seconds_count{op=\"write\"} 1",
                        "ublk_csi_io_duration_seconds_sum{op=\"write\"} 0.003",
                        "ublk_csi_io_duration_seconds_bucket{op=\"write\",le=\"0.002048\"} 0",
                        "ublk_csi_io_duration_seconds_bucket{op=\"write\",le=\"0.004096\"} 1",
                        "ublk_csi_io_inflight 0.0",
                        "ublk_csi_devices{state=\"live\"} 1.0",
                        "ublk_csi_recoveries_total 1.0",
                        "ublk_csi_pool_bytes{kind=\"available\",pool=\"p\"} 700.0");
    }

    @Test
    void whatMakesNoProgressIsCounted() throws IOException, InterruptedException {
        devices.attach(VOLUME, OPTIONS);
        disks.put("/dev/ublkb0", new DiskCounters(5, 3));
        for (int second = 0; second <= 15; second++) {
            watchdog.look(TimeUnit.SECONDS.toNanos(second));
        }

        assertThat(scrape())
                .contains(
                        "ublk_csi_stalled_devices 1.0",
                        "ublk_csi_stalled_requests 3.0",
                        "ublk_csi_stalls_total 1.0",
                        "ublk_csi_stall_seconds_total 5.0",
                        "ublk_csi_held_requests 0.0",
                        "ublk_csi_holds_total 0.0",
                        "ublk_csi_hold_seconds_total 0.0");
    }

    @Test
    void totalsDoNotFallWhenADeviceGoes() throws IOException, InterruptedException {
        devices.attach(VOLUME, OPTIONS);
        listeners.getFirst().accept(new EngineEvent(1, "attached", VOLUME, ""));
        devices.devices().getFirst().metrics().getFirst().onRequest(BlockOperation.READ, 512);
        devices.detach(VOLUME, false);

        assertThat(scrape())
                .contains("ublk_csi_io_bytes_total{op=\"read\"} 512.0", "ublk_csi_devices{state=\"live\"} 0.0");
    }

    @Test
    void addressIsChecked() throws Exception {
        assertThat(MetricsEndpoint.parse("[::1]:9809").getPort()).isEqualTo(9809);
        assertRefused(Kind.INVALID_ARGUMENT, "is not HOST:PORT", () -> MetricsEndpoint.parse("9809"));
        assertRefused(Kind.INVALID_ARGUMENT, "is not HOST:PORT", () -> MetricsEndpoint.parse("localhost:99999"));
        assertRefused(
                Kind.FAILED_PRECONDITION,
                "another --metrics-address",
                () -> MetricsEndpoint.start("127.0.0.1:" + endpoint.port(), devices, pools, listeners::add, watchdog));
        MetricsEndpoint.start("none", devices, pools, listeners::add, watchdog).close();
    }
}
