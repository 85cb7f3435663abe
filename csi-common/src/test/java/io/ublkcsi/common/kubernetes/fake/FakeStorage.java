package io.ublkcsi.common.kubernetes.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ublkcsi.common.kubernetes.fake.FakeApiServer.Target;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/** The objects of a {@link FakeApiServer}, and what happened to them. Thread-safe. */
public final class FakeStorage {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final long POLL_MS = 200;

    private final TreeMap<String, ObjectNode> objects = new TreeMap<>();
    private final List<Happening> history = new ArrayList<>();
    private long revision = 100;
    private long forgotten;
    private int watchEpoch;

    /** A change of an object. */
    public interface Change {
        ObjectNode apply(ObjectNode object);
    }

    private record Happening(long revision, String type, String key, ObjectNode object) {}

    /** Puts an object there, from JSON with single quotes. */
    public void put(Target target, String json) {
        try {
            ObjectNode object = (ObjectNode) MAPPER.readTree(json.replace('\'', '"'));
            object.withObjectProperty("metadata").put("name", target.name());
            if (!target.namespace().isEmpty()) {
                object.withObjectProperty("metadata").put("namespace", target.namespace());
            }
            synchronized (this) {
                ObjectNode before = objects.get(target.key());
                store(target.key(), before == null ? "ADDED" : "MODIFIED", identified(object, before));
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException malformed) {
            throw new IllegalArgumentException(malformed);
        }
    }

    /** What is there now. */
    public synchronized Optional<ObjectNode> find(Target target) {
        return Optional.ofNullable(objects.get(target.key())).map(ObjectNode::deepCopy);
    }

    /** All of a collection. */
    public synchronized List<ObjectNode> all(Target collection) {
        return objects.entrySet().stream()
                .filter(entry -> collection.holds(entry.getKey()))
                .map(entry -> entry.getValue().deepCopy())
                .toList();
    }

    /** Watches that start below the present revision are told that it is too old (410). */
    public synchronized void forgetHistory() {
        history.clear();
        forgotten = revision;
    }

    synchronized void endWatches() {
        watchEpoch++;
        notifyAll();
    }

    synchronized ObjectNode get(Target target) {
        ObjectNode object = objects.get(target.key());
        return object == null ? notFound(target) : object.deepCopy();
    }

    synchronized ObjectNode list(Target target, String selector) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("kind", "List").put("apiVersion", target.api());
        list.putObject("metadata").put("resourceVersion", Long.toString(revision));
        Predicate<JsonNode> wanted = selected(selector);
        var items = list.putArray("items");
        objects.forEach((key, object) -> {
            if (target.holds(key) && wanted.test(object)) {
                items.add(object.deepCopy());
            }
        });
        return list;
    }

    synchronized ObjectNode create(Target target, ObjectNode object) {
        String name = object.path("metadata").path("name").asText();
        if (name.isEmpty()) {
            name = object.path("metadata").path("generateName").asText() + UUID.randomUUID();
            object.withObjectProperty("metadata").put("name", name);
        }
        Target place = new Target(target.api(), target.namespace(), target.plural(), name, "");
        if (objects.containsKey(place.key())) {
            return status(409, "AlreadyExists", place.key() + " already exists");
        }
        if (hasStatus(target)) {
            object.remove("status");
        }
        return store(place.key(), "ADDED", identified(object, null));
    }

    synchronized ObjectNode replace(Target target, ObjectNode object) {
        ObjectNode before = objects.get(target.key());
        if (before == null) {
            return notFound(target);
        }
        String read = object.path("metadata").path("resourceVersion").asText();
        if (!read.isEmpty()
                && !read.equals(before.path("metadata").path("resourceVersion").asText())) {
            return status(409, "Conflict", "the object has been modified");
        }
        ObjectNode after = object.deepCopy();
        if (hasStatus(target) && target.part().isEmpty()) {
            keep(before, after, "status");
        } else if (hasStatus(target)) {
            keep(before, after, "spec");
        }
        return store(target.key(), "MODIFIED", identified(after, before));
    }

    synchronized ObjectNode patch(Target target, Change change) {
        ObjectNode before = objects.get(target.key());
        return before == null ? notFound(target) : replace(target, change.apply(before.deepCopy()));
    }

    /** Answers with a Status. */
    public synchronized ObjectNode delete(Target target) {
        ObjectNode gone = objects.remove(target.key());
        if (gone == null) {
            return notFound(target);
        }
        revision++;
        ((ObjectNode) gone.get("metadata")).put("resourceVersion", Long.toString(revision));
        history.add(new Happening(revision, "DELETED", target.key(), gone));
        notifyAll();
        return status(200, "Success", "");
    }

    synchronized Watch watch(Target target, String selector, long from) {
        return new Watch(target, selected(selector), from, watchEpoch);
    }

    /** Events from a revision on. */
    final class Watch {
        private final Target target;
        private final Predicate<JsonNode> wanted;
        private final int epoch;
        private long seen;
        private boolean tooOld;

        private Watch(Target target, Predicate<JsonNode> wanted, long from, int epoch) {
            this.target = target;
            this.wanted = wanted;
            this.seen = from;
            this.epoch = epoch;
        }

        boolean goesOn() {
            synchronized (FakeStorage.this) {
                return epoch == watchEpoch && !tooOld;
            }
        }

        /** Waits a moment for the next ones. */
        List<ObjectNode> next() throws InterruptedException {
            synchronized (FakeStorage.this) {
                if (seen < forgotten) {
                    tooOld = true;
                    return List.of(event("ERROR", status(410, "Expired", "too old resource version")));
                }
                if (seen >= revision) {
                    FakeStorage.this.wait(POLL_MS);
                }
                List<ObjectNode> events = history.stream()
                        .filter(one -> one.revision() > seen && target.holds(one.key()) && wanted.test(one.object()))
                        .map(one -> event(one.type(), one.object().deepCopy()))
                        .toList();
                seen = revision;
                return events;
            }
        }
    }

    private static ObjectNode event(String type, ObjectNode object) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("type", type).set("object", object);
        return event;
    }

    private ObjectNode store(String key, String type, ObjectNode object) {
        revision++;
        ((ObjectNode) object.get("metadata")).put("resourceVersion", Long.toString(revision));
        objects.put(key, object);
        history.add(new Happening(revision, type, key, object.deepCopy()));
        notifyAll();
        return object.deepCopy();
    }

    private static ObjectNode identified(ObjectNode object, ObjectNode before) {
        ObjectNode metadata = object.withObjectProperty("metadata");
        JsonNode old = before == null ? null : before.get("metadata");
        metadata.put(
                "uid",
                old == null ? UUID.randomUUID().toString() : old.path("uid").asText());
        metadata.put(
                "creationTimestamp",
                old == null
                        ? Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
                        : old.path("creationTimestamp").asText());
        return object;
    }

    private static void keep(ObjectNode before, ObjectNode after, String half) {
        if (before.has(half)) {
            after.set(half, before.get(half).deepCopy());
        } else {
            after.remove(half);
        }
    }

    private static boolean hasStatus(Target target) {
        return target.api().startsWith("ublk-csi.io/");
    }

    private static Predicate<JsonNode> selected(String selector) {
        if (selector.isEmpty()) {
            return _ -> true;
        }
        String[] parts = selector.split("==?", 2);
        String pointer = "/" + parts[0].replace('.', '/');
        String value = parts.length > 1 ? parts[1] : "";
        return object -> object.at(pointer).asText("").equals(value);
    }

    private static ObjectNode notFound(Target target) {
        return status(404, "NotFound", target.key() + " not found");
    }

    static ObjectNode status(int code, String reason, String message) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        return status.put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", code < 400 ? "Success" : "Failure")
                .put("code", code)
                .put("reason", reason)
                .put("message", message);
    }
}
