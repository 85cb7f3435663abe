package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.proto.engine.v1.DeviceStats;
import io.ublkcsi.proto.engine.v1.GetStatsRequest;
import io.ublkcsi.proto.engine.v1.GetStatsResponse;
import io.ublkcsi.proto.engine.v1.OperationStats;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ublk-csi stats}. */
@Command(name = "stats", description = "Prints what devices have done; times are of a sample, 1 request in 32.")
final class StatsCommand extends ClientCommand {
    private static final double NS_PER_SECOND = 1e9;

    @Parameters(
            paramLabel = "POOL/VOLUME",
            arity = "0..1",
            converter = VolumeArgument.Converter.class,
            description = "Only this one's (default: every device's).")
    private @Nullable VolumeArgument volume;

    @Option(names = "--watch", description = "Go on, with rates, until interrupted.")
    private boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Between two prints of --watch (default: ${DEFAULT-VALUE}).")
    private int intervalS;

    @Override
    void run(EngineClient client) {
        GetStatsRequest.Builder request = GetStatsRequest.newBuilder();
        if (volume != null) {
            request.setPool(volume.pool()).setVolumeId(volume.id());
        }
        GetStatsResponse first = client.engine().getStats(request.build());
        print(first, () -> totals(first));
        if (watch) {
            follow(client, request.build(), first);
        }
    }

    private void follow(EngineClient client, GetStatsRequest request, GetStatsResponse first) {
        GetStatsResponse last = first;
        long lastNs = System.nanoTime();
        while (!Thread.interrupted()) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(Math.max(1, intervalS)));
            GetStatsResponse before = last;
            GetStatsResponse next = client.engine().getStats(request);
            long nowNs = System.nanoTime();
            double seconds = (nowNs - lastNs) / NS_PER_SECOND;
            print(next, () -> rates(before, next, seconds));
            last = next;
            lastNs = nowNs;
        }
    }

    private static String totals(GetStatsResponse answer) {
        Table table = new Table(
                "VOLUME",
                "DEVICE",
                "OPERATION",
                "REQUESTS",
                "BYTES",
                "ERRORS",
                "P50",
                "P99",
                "MAX",
                "INFLIGHT",
                "ENTERS");
        for (DeviceStats device : answer.getDevicesList()) {
            for (OperationStats operation : device.getOperationsList()) {
                table.row(
                        name(device),
                        device.getPath(),
                        operation.getOperation(),
                        operation.getRequests(),
                        ByteSize.print(operation.getBytes()),
                        operation.getErrors(),
                        micros(operation.getP50Ns()),
                        micros(operation.getP99Ns()),
                        micros(operation.getMaxNs()),
                        device.getInflight(),
                        device.getRingEnters());
            }
        }
        return table.toString();
    }

    static String rates(GetStatsResponse before, GetStatsResponse after, double seconds) {
        Map<String, OperationStats> earlier = new HashMap<>();
        for (DeviceStats device : before.getDevicesList()) {
            device.getOperationsList().forEach(operation -> earlier.put(key(device, operation), operation));
        }
        Table table =
                new Table("VOLUME", "DEVICE", "OPERATION", "IOPS", "BYTES/S", "ERRORS/S", "P50", "P99", "INFLIGHT");
        for (DeviceStats device : after.getDevicesList()) {
            for (OperationStats operation : device.getOperationsList()) {
                OperationStats last = earlier.getOrDefault(key(device, operation), OperationStats.getDefaultInstance());
                table.row(
                        name(device),
                        device.getPath(),
                        operation.getOperation(),
                        rate(operation.getRequests() - last.getRequests(), seconds),
                        ByteSize.print((long) ((operation.getBytes() - last.getBytes()) / seconds)),
                        rate(operation.getErrors() - last.getErrors(), seconds),
                        micros(operation.getP50Ns()),
                        micros(operation.getP99Ns()),
                        device.getInflight());
            }
        }
        return table.toString();
    }

    private static String key(DeviceStats device, OperationStats operation) {
        return name(device) + " " + device.getPath() + " " + operation.getOperation();
    }

    private static String name(DeviceStats device) {
        return device.getPool() + "/" + device.getVolumeId();
    }

    private static String rate(long count, double seconds) {
        return String.format(Locale.ROOT, "%.0f", count / seconds);
    }

    private static String micros(long ns) {
        return ns == 0 ? "" : TimeUnit.NANOSECONDS.toMicros(ns) + " us";
    }
}
