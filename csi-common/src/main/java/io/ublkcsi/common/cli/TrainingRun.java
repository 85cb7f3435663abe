package io.ublkcsi.common.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ublkcsi.common.health.SelfProbe;
import io.ublkcsi.common.rpc.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * What the build runs to write the plugins' AOT cache (JEP 483, 514): both plugins for some seconds, at an API server
 * that has nothing. Needs no root and no cluster.
 */
final class TrainingRun {
    private static final long RUN_MS = 6_000;
    private static final long POLL_MS = 200;
    /** For a slow machine, such as an emulated one. */
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(3);

    private TrainingRun() {}

    /** @param mains classes of the commands: controller, node */
    public static void main(String[] mains) throws Exception {
        Path folder = Files.createTempDirectory("ublk-csi-training");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("empty-", 0).factory()));
        server.createContext("/", TrainingRun::answer);
        server.start();
        Path kubeconfig = Files.writeString(
                folder.resolve("kubeconfig"),
                "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
                        + "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
                        + "users: [{name: u, user: {token: t}}]\n"
                        + "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:"
                        + server.getAddress().getPort() + "'}}]\n");
        Files.createDirectory(folder.resolve("plugins_registry"));
        for (int i = 0; i < mains.length; i++) {
            Object command = Class.forName(mains[i]).getDeclaredConstructor().newInstance();
            String[] arguments = arguments(folder, kubeconfig, i);
            Thread.ofPlatform().daemon().start(() -> new CommandLine(command).execute(arguments));
        }
        long deadline = System.nanoTime() + PATIENCE_NS;
        for (int i = 0; i < mains.length; i++) {
            awaitAnswer(socket(folder, i), deadline);
        }
        Thread.sleep(RUN_MS);
        delete(folder);
        // Shutdown hooks end the plugins, and the JVM writes the cache.
        System.exit(0);
    }

    private static String[] arguments(Path folder, Path kubeconfig, int number) {
        List<String> common = List.of(
                "--store=kubernetes",
                "--kubeconfig=" + kubeconfig,
                "--endpoint=" + socket(folder, number),
                "--http=127.0.0.1:0");
        List<String> own = number == 0
                ? List.of("--namespace=x", "--identity=x")
                : List.of("--node-id=x", "--engine=unix://" + folder + "/none/e.sock", "--kubelet-dir=" + folder);
        return Stream.concat(common.stream(), own.stream()).toArray(String[]::new);
    }

    private static Endpoint socket(Path folder, int number) {
        return new Endpoint(folder.resolve("plugin-" + number).resolve("csi.sock"));
    }

    private static void awaitAnswer(Endpoint endpoint, long deadline) throws InterruptedException {
        try (SelfProbe probe = new SelfProbe(endpoint)) {
            List<String> complaints = probe.complaints();
            while (!complaints.isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(POLL_MS);
                complaints = probe.complaints();
            }
            complaints.forEach(System.err::println);
        }
    }

    /** Lists without items; watches without events. */
    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            byte[] body =
                    "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}"
                            .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            if (query.contains("watch=")) {
                exchange.sendResponseHeaders(200, -1);
            } else {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
