package io.ublkcsi.engine.control.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files that are there after a power cut as they were before it, or as they were to be. */
final class DurableFiles {
    private static final String TEMPORARY = ".tmp";

    private DurableFiles() {}

    /** Makes a folder in one that is there, durably, unless it is there itself. */
    static Path folder(Path parent, String name) throws IOException {
        Path folder = parent.resolve(name);
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
            sync(parent);
        }
        return folder;
    }

    /** Writes the file as a whole: whoever reads it sees the old content or the new. */
    static void write(Path folder, String name, byte[] content) throws IOException {
        Path temporary = folder.resolve(name + TEMPORARY);
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        sync(folder);
    }

    static void remove(Path folder, String name) throws IOException {
        if (Files.deleteIfExists(folder.resolve(name))) {
            sync(folder);
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
            opened.force(true);
        }
    }
}
