package io.ublkcsi.common.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /livez}, {@code /readyz} and {@code /metrics} for the kubelet and Prometheus. */
public final class HealthServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);
    private static final int THREADS = 2;
    private static final int MAX_PORT = 65_535;

    private final HttpServer server;
    private final ExecutorService threads;

    private HealthServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /** What is to be asked at each request. */
    public interface Check {
        /** What is wrong, for people; empty when all is well. Blocks for seconds at most. */
        List<String> complaints();
    }

    /**
     * Starts to serve.
     *
     * @param address {@code HOST:PORT}; port 0 takes any free one
     * @param live a complaint means: restart the process
     * @param ready a complaint means: it does not do its work yet
     */
    public static HealthServer start(String address, Check live, Check ready, PrometheusRegistry metrics)
            throws IOException {
        InetSocketAddress where = parse(address);
        ExecutorService threads = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon().name("health-", 0).factory());
        try {
            HttpServer server = HttpServer.create(where, 0);
            server.setExecutor(threads);
            server.createContext("/livez", exchange -> answer(exchange, live));
            server.createContext("/readyz", exchange -> answer(exchange, ready));
            server.createContext("/metrics", new MetricsHandler(metrics));
            server.start();
            LOG.info("health and metrics on {}", server.getAddress());
            return new HealthServer(server, threads);
        } catch (IOException taken) {
            threads.shutdownNow();
            throw new IOException(
                    "can't serve health on " + address + ": " + taken.getMessage() + "; choose another --http", taken);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private static InetSocketAddress parse(String address) {
        int colon = address.lastIndexOf(':');
        if (colon > 0 && address.substring(colon + 1).matches("\\d{1,5}")) {
            int port = Integer.parseInt(address.substring(colon + 1));
            String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
            if (port <= MAX_PORT) {
                return new InetSocketAddress(host, port);
            }
        }
        throw new IllegalArgumentException("--http: '" + address + "' is not HOST:PORT, such as 0.0.0.0:9808");
    }

    private static void answer(HttpExchange exchange, Check check) throws IOException {
        try (exchange) {
            List<String> complaints = check.complaints();
            String text = complaints.isEmpty() ? "ok" : String.join("\n", complaints);
            byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(
                    complaints.isEmpty() ? HttpURLConnection.HTTP_OK : HttpURLConnection.HTTP_UNAVAILABLE, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
