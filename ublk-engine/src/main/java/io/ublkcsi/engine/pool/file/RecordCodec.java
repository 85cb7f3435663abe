package io.ublkcsi.engine.pool.file;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * An image's record as JSON. A version's fields never change their meaning; what a reader doesn't know is a new
 * version.
 */
final class RecordCodec {
    static final int FORMAT_VERSION = 1;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    private RecordCodec() {}

    static byte[] write(ImageRecord record) {
        try {
            return JSON.writeValueAsBytes(record);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * @param file for the message
     * @throws EngineException FAILED_PRECONDITION when it is damaged, or newer than this engine
     */
    static ImageRecord read(String file, byte[] bytes) {
        try {
            JsonNode tree = JSON.readTree(bytes);
            int version = tree.path("formatVersion").asInt();
            if (version > FORMAT_VERSION) {
                throw new EngineException(
                        Kind.FAILED_PRECONDITION,
                        file + " has format version " + version + " and this engine reads up to " + FORMAT_VERSION
                                + ": run the newer engine that wrote it");
            }
            if (version < 1) {
                throw damaged(file, "it names no formatVersion", null);
            }
            return JSON.treeToValue(tree, ImageRecord.class);
        } catch (IOException malformed) {
            throw damaged(file, "it is not the JSON that an engine writes", malformed);
        }
    }

    private static EngineException damaged(String file, String how, @Nullable IOException cause) {
        return new EngineException(
                Kind.FAILED_PRECONDITION,
                file + " is damaged (" + how
                        + "): restore it from a backup; the image beside it is the plain disk and can be"
                        + " copied away meanwhile",
                cause);
    }
}
