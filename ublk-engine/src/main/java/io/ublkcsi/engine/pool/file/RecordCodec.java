package io.ublkcsi.engine.pool.file;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.json.Json;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import org.jspecify.annotations.Nullable;

/**
 * An image's record as JSON. A version's fields never change their meaning; what a reader doesn't know is a new
 * version.
 */
final class RecordCodec {
    static final int FORMAT_VERSION = 1;

    private static final String ORIGIN = "origin";

    private RecordCodec() {}

    static byte[] write(ImageRecord record) {
        return Json.bytes(tree(record));
    }

    private static JsonObject tree(ImageRecord record) {
        JsonObject tree = new JsonObject();
        tree.addProperty(Json.FORMAT_VERSION, record.formatVersion());
        tree.addProperty("id", record.id());
        tree.addProperty("state", record.state().name());
        tree.addProperty("sizeBytes", record.sizeBytes());
        tree.addProperty("provisioning", record.provisioning().name());
        tree.addProperty("logicalBlockBytes", record.logicalBlockBytes());
        tree.add(ORIGIN, record.origin() == null ? JsonNull.INSTANCE : tree(record.madeFrom()));
        tree.addProperty("dataBytes", record.dataBytes());
        tree.addProperty("shared", record.shared());
        tree.addProperty("filesystem", record.formattedAs());
        tree.addProperty("reason", record.reason());
        tree.addProperty("createdMs", record.createdMs());
        tree.addProperty("pauseNs", record.pauseNs());
        return tree;
    }

    private static JsonObject tree(Origin origin) {
        JsonObject tree = new JsonObject();
        tree.addProperty("kind", origin.kind().name());
        tree.addProperty("id", origin.id());
        return tree;
    }

    /**
     * @param file for the message
     * @throws EngineException FAILED_PRECONDITION when it is damaged, or newer than this engine
     */
    static ImageRecord read(String file, byte[] bytes) {
        try {
            JsonObject tree = Json.parse(bytes);
            int version = Json.formatVersion(tree);
            if (version > FORMAT_VERSION) {
                throw new EngineException(Kind.FAILED_PRECONDITION, file + " " + Json.tooNew(version, FORMAT_VERSION));
            }
            ImageRecord record = record(version, tree);
            Json.onlyFieldsOf(tree(record), tree);
            return record;
        } catch (IllegalArgumentException wrong) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    file + " is damaged (" + wrong.getMessage()
                            + "): restore it from a backup; the image beside it is the plain disk and can be"
                            + " copied away meanwhile",
                    wrong);
        }
    }

    private static ImageRecord record(int version, JsonObject tree) {
        return new ImageRecord(
                version,
                Json.text(tree, "id"),
                RecordState.valueOf(Json.text(tree, "state")),
                Json.longInteger(tree, "sizeBytes"),
                Provisioning.valueOf(Json.text(tree, "provisioning")),
                Json.integer(tree, "logicalBlockBytes"),
                origin(tree),
                Json.longInteger(tree, "dataBytes"),
                Json.flag(tree, "shared"),
                Json.text(tree, "filesystem"),
                Json.text(tree, "reason"),
                Json.longInteger(tree, "createdMs"),
                Json.longInteger(tree, "pauseNs"));
    }

    private static @Nullable Origin origin(JsonObject tree) {
        if (!tree.has(ORIGIN) || tree.get(ORIGIN).isJsonNull()) {
            return null;
        }
        JsonObject object = Json.object(tree, ORIGIN);
        Origin origin = new Origin(Origin.Kind.valueOf(Json.text(object, "kind")), Json.text(object, "id"));
        Json.onlyFieldsOf(tree(origin), object);
        return origin;
    }
}
