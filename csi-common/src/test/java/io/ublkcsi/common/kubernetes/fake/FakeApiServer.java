package io.ublkcsi.common.kubernetes.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * An API server in a test: create, read, list, watch, update, patch and delete of any kind, with resource versions,
 * status subresources and field selectors. Knows no schema and no rights. Can go away, end its watches, forget its
 * history and refuse requests.
 */
public final class FakeApiServer implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final long LONGEST_WATCH_MS = 60_000;

    private final FakeStorage storage = new FakeStorage();
    private final int port;
    private final AtomicReference<Predicate<String>> refused = new AtomicReference<>(_ -> false);
    private volatile HttpServer server;

    public FakeApiServer() {
        this.server = listen(0);
        this.port = server.getAddress().getPort();
    }

    /** A client of it. */
    public KubernetesClient client() {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + port + "/")
                .withOnlyHttpWatches(true)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(5_000)
                .withWatchReconnectInterval(50)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** What it holds. */
    public FakeStorage storage() {
        return storage;
    }

    /** Ends every watch, as a server or a proxy does now and then. */
    public void endWatches() {
        storage.endWatches();
    }

    /** Refuses, with 500, requests such as {@code PUT /apis/...}. */
    public void refuse(Predicate<String> requests) {
        refused.set(requests);
    }

    /** Nobody listens any more. */
    public void goAway() {
        storage.endWatches();
        server.stop(0);
    }

    public void comeBack() {
        server = listen(port);
    }

    @Override
    public void close() {
        goAway();
    }

    private HttpServer listen(int wanted) {
        try {
            HttpServer now = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
            now.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            now.createContext("/", this::handle);
            now.start();
            return now;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
            if (refused.get().test(request)) {
                answer(exchange, FakeStorage.status(500, "InternalError", "refused by the test"));
                return;
            }
            Target target = Target.parse(exchange.getRequestURI().getPath());
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("GET") && query.containsKey("watch")) {
                watch(exchange, target, query);
            } else {
                answer(exchange, reply(exchange, target, query, body));
            }
        }
    }

    private ObjectNode reply(HttpExchange exchange, Target target, Map<String, String> query, byte[] body)
            throws IOException {
        return switch (exchange.getRequestMethod()) {
            case "GET" ->
                target.name().isEmpty()
                        ? storage.list(target, query.getOrDefault("fieldSelector", ""))
                        : storage.get(target);
            case "POST" -> storage.create(target, (ObjectNode) MAPPER.readTree(body));
            case "PUT" -> storage.replace(target, (ObjectNode) MAPPER.readTree(body));
            case "PATCH" ->
                storage.patch(target, patch(exchange.getRequestHeaders().getFirst("Content-Type"), body));
            case "DELETE" -> storage.delete(target);
            default -> FakeStorage.status(405, "MethodNotAllowed", exchange.getRequestMethod());
        };
    }

    private static FakeStorage.Change patch(String type, byte[] body) throws IOException {
        JsonNode patch = MAPPER.readTree(body);
        return type.startsWith("application/json-patch+json")
                ? object -> (ObjectNode) JsonPatch.apply(patch, object)
                : object -> merge(object.deepCopy(), patch);
    }

    private static ObjectNode merge(ObjectNode object, JsonNode patch) {
        patch.properties().forEach(field -> {
            JsonNode before = object.get(field.getKey());
            if (field.getValue().isNull()) {
                object.remove(field.getKey());
            } else if (field.getValue().isObject() && before instanceof ObjectNode inner) {
                object.set(field.getKey(), merge(inner, field.getValue()));
            } else {
                object.set(field.getKey(), field.getValue());
            }
        });
        return object;
    }

    private void watch(HttpExchange exchange, Target target, Map<String, String> query) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        long from = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
        FakeStorage.Watch watch = storage.watch(target, query.getOrDefault("fieldSelector", ""), from);
        long end = System.currentTimeMillis() + LONGEST_WATCH_MS;
        try (OutputStream out = exchange.getResponseBody()) {
            out.flush();
            while (System.currentTimeMillis() < end && watch.goesOn()) {
                for (ObjectNode event : watch.next()) {
                    out.write(MAPPER.writeValueAsBytes(event));
                    out.write('\n');
                    out.flush();
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, ObjectNode body) throws IOException {
        byte[] bytes = MAPPER.writeValueAsBytes(body);
        boolean isStatus = body.path("kind").asText().equals("Status");
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(isStatus ? body.path("code").asInt(200) : 200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static Map<String, String> query(String text) {
        Map<String, String> values = new HashMap<>();
        if (text != null) {
            for (String pair : text.split("&")) {
                String[] parts = pair.split("=", 2);
                values.put(parts[0], URLDecoder.decode(parts.length > 1 ? parts[1] : "", StandardCharsets.UTF_8));
            }
        }
        return values;
    }

    /**
     * What a path stands for.
     *
     * @param name empty: the collection
     * @param part {@code status}, or empty
     */
    public record Target(String api, String namespace, String plural, String name, String part) {
        /** Of cluster scope. */
        public static Target of(String api, String plural, String name) {
            return new Target(api, "", plural, name, "");
        }

        static Target parse(String path) {
            String[] words = path.substring(1).split("/");
            int next = words[0].equals("api") ? 2 : 3;
            String api = words[0].equals("api") ? words[1] : words[1] + "/" + words[2];
            String namespace = "";
            if (words.length > next + 2 && words[next].equals("namespaces")) {
                namespace = words[next + 1];
                next += 2;
            }
            String name = words.length > next + 1 ? words[next + 1] : "";
            return new Target(api, namespace, words[next], name, words.length > next + 2 ? words[next + 2] : "");
        }

        String key() {
            return api + "|" + plural + "|" + namespace + "|" + name;
        }

        boolean holds(String key) {
            return key.startsWith(api + "|" + plural + "|" + (namespace.isEmpty() ? "" : namespace + "|"));
        }
    }
}
