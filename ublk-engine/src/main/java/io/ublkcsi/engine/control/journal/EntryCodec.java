package io.ublkcsi.engine.control.journal;

import com.google.gson.JsonObject;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.json.Json;
import java.util.Map;
import java.util.TreeMap;

/** An entry as JSON. */
final class EntryCodec {
    static final int FORMAT_VERSION = 1;

    private EntryCodec() {}

    static byte[] write(JournalEntry entry) {
        JsonObject tree = new JsonObject();
        tree.addProperty(Json.FORMAT_VERSION, FORMAT_VERSION);
        tree.addProperty("bootId", entry.bootId());
        tree.addProperty("pool", entry.volume().pool());
        tree.addProperty("volumeId", entry.volume().volumeId());
        tree.addProperty("phase", entry.phase().name());
        tree.addProperty("frontend", entry.frontend());
        tree.addProperty("token", entry.token().toString());
        tree.addProperty("device", entry.device());
        JsonObject options = new JsonObject();
        new TreeMap<>(entry.options()).forEach(options::addProperty);
        tree.add("options", options);
        tree.add("adoption", adoption(entry.crashes()));
        return Json.bytes(tree);
    }

    private static JsonObject adoption(CrashRecord record) {
        JsonObject adoption = new JsonObject();
        adoption.addProperty("marked", record.marked());
        adoption.addProperty("alone", record.alone());
        adoption.addProperty("crashes", record.crashes());
        adoption.addProperty("deaths", record.deaths());
        adoption.addProperty("deathsAlone", record.deathsAlone());
        return adoption;
    }

    /**
     * @param volume as the file's name says
     * @throws IllegalArgumentException with what is wrong with it
     */
    static JournalEntry read(VolumeKey volume, byte[] bytes) {
        JsonObject tree = Json.parse(bytes);
        int version = Json.formatVersion(tree);
        if (version > FORMAT_VERSION) {
            throw new IllegalArgumentException("it " + Json.tooNew(version, FORMAT_VERSION));
        }
        VolumeKey named = new VolumeKey(Json.text(tree, "pool"), Json.text(tree, "volumeId"));
        if (!named.equals(volume)) {
            throw new IllegalArgumentException("it is about volume " + named);
        }
        return new JournalEntry(
                Json.text(tree, "bootId"),
                volume,
                Phase.valueOf(Json.text(tree, "phase")),
                Json.text(tree, "frontend"),
                DeviceToken.parse(Json.text(tree, "token")),
                Json.text(tree, "device"),
                options(Json.object(tree, "options")),
                crashes(Json.object(tree, "adoption")));
    }

    private static Map<String, String> options(JsonObject tree) {
        Map<String, String> options = new TreeMap<>();
        tree.keySet().forEach(name -> options.put(name, Json.text(tree, name)));
        return options;
    }

    private static CrashRecord crashes(JsonObject tree) {
        return new CrashRecord(
                Json.flag(tree, "marked"),
                Json.flag(tree, "alone"),
                Json.integer(tree, "crashes"),
                Json.integer(tree, "deaths"),
                Json.integer(tree, "deathsAlone"));
    }
}
