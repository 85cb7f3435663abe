package io.ublkcsi.common.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/**
 * A record in a file: JSON with a {@code formatVersion}, replaced as a whole by rename, on the disk when the method
 * returns. A reader sees the old record or the new one, never a part.
 */
final class JsonFile {
    /** What this version writes, and the newest that it reads. */
    static final int FORMAT_VERSION = 1;

    private static final String VERSION_FIELD = "formatVersion";
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private JsonFile() {}

    /** The record in {@code file}; empty when there is no such file. */
    static <T> Optional<T> read(Path file, Class<T> type) {
        try {
            ObjectNode tree = (ObjectNode) MAPPER.readTree(Files.readAllBytes(file));
            int version = tree.path(VERSION_FIELD).asInt(0);
            if (version < 1 || version > FORMAT_VERSION) {
                throw new CsiFault.Precondition("the record " + file + " has formatVersion " + version
                        + ", and this version reads up to " + FORMAT_VERSION
                        + "; a newer version wrote it: upgrade this one, too");
            }
            tree.remove(VERSION_FIELD);
            return Optional.of(MAPPER.treeToValue(tree, type));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (JsonProcessingException | ClassCastException damaged) {
            throw new CsiFault.Internal(
                    "the record " + file + " is damaged; restore it from a backup, or remove it with what it describes",
                    damaged);
        } catch (IOException failure) {
            throw new CsiFault.Internal("can't read the record " + file + ": " + failure.getMessage(), failure);
        }
    }

    /**
     * Replaces the record in {@code file}.
     *
     * @param point the name under which a test can end the process right after this
     */
    static void write(Path file, Object value, String point) {
        Path temporary = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
        try {
            ObjectNode tree = MAPPER.createObjectNode();
            tree.put(VERSION_FIELD, FORMAT_VERSION);
            tree.setAll((ObjectNode) MAPPER.valueToTree(value));
            writeDurably(temporary, MAPPER.writeValueAsBytes(tree));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolderOf(file);
        } catch (IOException failure) {
            throw new CsiFault.Internal(
                    "can't write the record " + file + ": " + failure.getMessage() + "; is the disk full or read-only?",
                    failure);
        }
        CrashPoints.reach(point);
    }

    /** Removes the record; fine when there is none. */
    static void remove(Path file, String point) {
        try {
            if (Files.deleteIfExists(file)) {
                syncFolderOf(file);
                CrashPoints.reach(point);
            }
        } catch (IOException failure) {
            throw new CsiFault.Internal("can't remove the record " + file + ": " + failure.getMessage(), failure);
        }
    }

    private static void writeDurably(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /** Makes a rename or removal in the folder survive a power cut. */
    private static void syncFolderOf(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
