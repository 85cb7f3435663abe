package io.ublkcsi.engine.control.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DeviceToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** An entry as JSON. By hand and not by reflection: it is read while I/O waits. */
final class EntryCodec {
    static final int FORMAT_VERSION = 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    private EntryCodec() {}

    static byte[] write(JournalEntry entry) {
        ObjectNode tree = JSON.createObjectNode();
        tree.put("formatVersion", FORMAT_VERSION);
        tree.put("bootId", entry.bootId());
        tree.put("pool", entry.volume().pool());
        tree.put("volumeId", entry.volume().volumeId());
        tree.put("phase", entry.phase().name());
        tree.put("frontend", entry.frontend());
        tree.put("token", entry.token().toString());
        tree.put("device", entry.device());
        ObjectNode options = tree.putObject("options");
        new TreeMap<>(entry.options()).forEach(options::put);
        CrashRecord record = entry.crashes();
        ObjectNode crashes = tree.putObject("adoption");
        crashes.put("marked", record.marked());
        crashes.put("alone", record.alone());
        crashes.put("crashes", record.crashes());
        crashes.put("deaths", record.deaths());
        crashes.put("deathsAlone", record.deathsAlone());
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * @param volume as the file's name says
     * @throws IllegalArgumentException with what is wrong with it
     */
    static JournalEntry read(VolumeKey volume, byte[] bytes) {
        JsonNode tree = parse(bytes);
        int version = tree.path("formatVersion").asInt();
        if (version > FORMAT_VERSION) {
            throw new IllegalArgumentException("it has format version " + version + " and this engine reads up to "
                    + FORMAT_VERSION + ": run the newer engine that wrote it");
        }
        if (version < 1) {
            throw new IllegalArgumentException("it names no formatVersion");
        }
        VolumeKey named = new VolumeKey(text(tree, "pool"), text(tree, "volumeId"));
        if (!named.equals(volume)) {
            throw new IllegalArgumentException("it is about volume " + named);
        }
        return new JournalEntry(
                text(tree, "bootId"),
                volume,
                Phase.valueOf(text(tree, "phase")),
                text(tree, "frontend"),
                DeviceToken.parse(text(tree, "token")),
                text(tree, "device"),
                options(tree.path("options")),
                crashes(tree.path("adoption")));
    }

    private static JsonNode parse(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException malformed) {
            throw new IllegalArgumentException("it is not the JSON that an engine writes", malformed);
        }
    }

    private static Map<String, String> options(JsonNode tree) {
        Map<String, String> options = new TreeMap<>();
        tree.properties()
                .forEach(
                        option -> options.put(option.getKey(), option.getValue().asText()));
        return options;
    }

    private static CrashRecord crashes(JsonNode tree) {
        return new CrashRecord(
                present(tree, "marked").asBoolean(),
                present(tree, "alone").asBoolean(),
                present(tree, "crashes").asInt(),
                present(tree, "deaths").asInt(),
                present(tree, "deathsAlone").asInt());
    }

    private static String text(JsonNode tree, String name) {
        return present(tree, name).asText();
    }

    private static JsonNode present(JsonNode tree, String name) {
        JsonNode value = tree.get(name);
        if (value == null || !value.isValueNode()) {
            throw new IllegalArgumentException("it has no '" + name + "'");
        }
        return value;
    }
}
