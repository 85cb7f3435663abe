package io.ublkcsi.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Appends to files of a mounted file system, with an fsync after each piece, and begins new files. */
final class FileWriter implements AcknowledgedWriter {
    private static final int MAX_PIECE = 40_000;
    private static final int MAX_FILE = 400_000;
    private static final int MAX_FILES = 60;

    private final Path folder;
    private final Random random;
    private final Map<Integer, Integer> durable = new TreeMap<>();
    private int newest;

    FileWriter(Path folder, long seed) {
        this.folder = folder;
        this.random = new Random(seed);
    }

    @Override
    public void step() throws IOException {
        int number =
                newest == 0 || random.nextInt(4) == 0 && newest < MAX_FILES ? ++newest : 1 + random.nextInt(newest);
        Path file = folder.resolve("file-" + number);
        int size = Files.exists(file) ? (int) Files.size(file) : 0;
        int piece = Math.min(1 + random.nextInt(MAX_PIECE), MAX_FILE - size);
        if (piece <= 0) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate(piece);
        for (int i = 0; i < piece; i++) {
            bytes.put(content(number, size + i));
        }
        bytes.flip();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        synchronized (this) {
            durable.put(number, size + piece);
        }
    }

    private static byte content(int file, int position) {
        return (byte) (file * 131 + position * 7 + (position >> 9));
    }

    @Override
    public synchronized Check acknowledged() {
        Map<Integer, Integer> atLeast = new TreeMap<>(durable);
        return root -> {
            List<String> missing = new ArrayList<>();
            for (Map.Entry<Integer, Integer> file : atLeast.entrySet()) {
                check(root.resolve("file-" + file.getKey()), file.getKey(), file.getValue(), missing);
            }
            if (!missing.isEmpty()) {
                throw new AssertionError(
                        missing.size() + " of " + atLeast.size() + " files: " + String.join("; ", missing));
            }
        };
    }

    private static void check(Path file, int number, int atLeast, List<String> missing) throws IOException {
        byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        if (bytes.length < atLeast) {
            missing.add(file + " has " + bytes.length + " bytes; " + atLeast + " were acknowledged by fsync");
        }
        for (int i = 0; i < Math.min(bytes.length, atLeast); i++) {
            if (bytes[i] != content(number, i)) {
                missing.add(file + " is wrong at byte " + i + " of " + atLeast + " that fsync acknowledged");
                return;
            }
        }
    }

    @Override
    public void close() {}
}
