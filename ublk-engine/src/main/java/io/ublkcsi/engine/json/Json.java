package io.ublkcsi.engine.json;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Trees of JSON to text and back. By hand and not by reflection: they are read while I/O waits. Any thread. */
public final class Json {
    public static final String FORMAT_VERSION = "formatVersion";

    private static final Gson INDENTED = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeNulls()
            .create();

    private Json() {}

    /** In many lines, for people and files. */
    public static String indented(JsonElement tree) {
        return INDENTED.toJson(tree);
    }

    public static byte[] bytes(JsonElement tree) {
        return indented(tree).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @return the one object that the bytes are
     * @throws IllegalArgumentException when they are anything else
     */
    public static JsonObject parse(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            JsonElement tree = JsonParser.parseReader(reader);
            if (tree.isJsonObject() && reader.peek() == JsonToken.END_DOCUMENT) {
                return tree.getAsJsonObject();
            }
        } catch (JsonParseException | IOException malformed) {
            throw new IllegalArgumentException("it is not the JSON that an engine writes", malformed);
        }
        throw new IllegalArgumentException("it is not the JSON that an engine writes");
    }

    /**
     * The file's {@code formatVersion}.
     *
     * @throws IllegalArgumentException when it has none
     */
    public static int formatVersion(JsonObject tree) {
        int version = tree.has(FORMAT_VERSION) ? integer(tree, FORMAT_VERSION) : 0;
        if (version < 1) {
            throw new IllegalArgumentException("it names no formatVersion");
        }
        return version;
    }

    /** What is wrong with a file whose version is above {@code newest}. */
    public static String tooNew(int version, int newest) {
        return "has format version " + version + " and this engine reads up to " + newest
                + ": run the newer engine that wrote it";
    }

    /**
     * @throws IllegalArgumentException when there is none
     */
    public static JsonObject object(JsonObject tree, String name) {
        if (tree.get(name) instanceof JsonObject child) {
            return child;
        }
        throw new IllegalArgumentException("it has no '" + name + "'");
    }

    /**
     * @throws IllegalArgumentException when there is none, or no plain value
     */
    public static String text(JsonObject tree, String name) {
        return field(tree, name).getAsString();
    }

    /**
     * @throws IllegalArgumentException when there is none, or no whole number of 32 bits
     */
    public static int integer(JsonObject tree, String name) {
        return Integer.parseInt(text(tree, name));
    }

    /**
     * @throws IllegalArgumentException when there is none, or no whole number of 64 bits
     */
    public static long longInteger(JsonObject tree, String name) {
        return Long.parseLong(text(tree, name));
    }

    /**
     * @throws IllegalArgumentException when there is none, or neither true nor false
     */
    public static boolean flag(JsonObject tree, String name) {
        JsonPrimitive value = field(tree, name);
        if (!value.isBoolean()) {
            throw new IllegalArgumentException("its '" + name + "' is neither true nor false");
        }
        return value.getAsBoolean();
    }

    /**
     * @throws IllegalArgumentException when {@code tree} has a field that is not in {@code known}
     */
    public static void onlyFieldsOf(JsonObject known, JsonObject tree) {
        for (String name : tree.keySet()) {
            if (!known.has(name)) {
                throw new IllegalArgumentException("it has an unknown '" + name + "'");
            }
        }
    }

    private static JsonPrimitive field(JsonObject tree, String name) {
        JsonElement value = tree.get(name);
        if (value == null || !value.isJsonPrimitive()) {
            throw new IllegalArgumentException("it has no '" + name + "'");
        }
        return value.getAsJsonPrimitive();
    }
}
