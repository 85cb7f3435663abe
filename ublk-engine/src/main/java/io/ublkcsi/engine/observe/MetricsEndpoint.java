package io.ublkcsi.engine.observe;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.DeviceControl;
import io.ublkcsi.engine.control.EngineEvent;
import io.ublkcsi.engine.pool.PoolRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** The engine's metrics for Prometheus, over HTTP, on one thread. */
public final class MetricsEndpoint implements AutoCloseable {
    /** In place of an address: no endpoint. */
    public static final String NONE = "none";

    private static final int MAX_PORT = 65_535;

    private final ScheduledExecutorService thread;
    private final HTTPServer server;

    private MetricsEndpoint(ScheduledExecutorService thread, HTTPServer server) {
        this.thread = thread;
        this.server = server;
    }

    /**
     * @param address {@code HOST:PORT}, or {@link #NONE}
     * @param listen registers a listener for events
     * @param watchdog knows what makes no progress
     * @throws EngineException when the address is malformed or taken
     */
    public static AutoCloseable start(
            String address,
            DeviceControl devices,
            PoolRegistry pools,
            Consumer<Consumer<EngineEvent>> listen,
            Watchdog watchdog) {
        if (address.equals(NONE)) {
            return () -> {};
        }
        InetSocketAddress where = parse(address);
        EngineCollector collector = new EngineCollector(devices, pools, watchdog);
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(collector);
        listen.accept(collector::onEvent);
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("metrics").daemon().factory());
        return new MetricsEndpoint(thread, serve(where, registry, thread));
    }

    private static HTTPServer serve(
            InetSocketAddress where, PrometheusRegistry registry, ScheduledExecutorService thread) {
        try {
            return HTTPServer.builder()
                    .inetAddress(where.getAddress())
                    .port(where.getPort())
                    .registry(registry)
                    .executorService(thread)
                    .buildAndStart();
        } catch (IOException failure) {
            thread.shutdownNow();
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "metrics cannot be served on " + where + " (" + failure.getMessage()
                            + "): choose another --metrics-address, or 'none'",
                    failure);
        }
    }

    static InetSocketAddress parse(String address) {
        int colon = address.lastIndexOf(':');
        if (colon > 0 && address.substring(colon + 1).matches("\\d{1,5}")) {
            int port = Integer.parseInt(address.substring(colon + 1));
            String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
            InetSocketAddress parsed = port <= MAX_PORT ? new InetSocketAddress(host, port) : null;
            if (parsed != null && !parsed.isUnresolved()) {
                return parsed;
            }
        }
        throw new EngineException(
                Kind.INVALID_ARGUMENT,
                "--metrics-address '" + address + "' is not HOST:PORT such as 127.0.0.1:9809, and not 'none'");
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.close();
        thread.shutdownNow();
    }
}
