package io.ublkcsi.engine.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files in which the kernel tells about itself and about this process. */
final class NodeFiles {
    private final Path root;

    /**
     * @param root {@code /}, but in tests
     */
    NodeFiles(Path root) {
        this.root = root;
    }

    /** A file's one value, or {@code fallback} when there is no such file. */
    String value(String path, String fallback) {
        try {
            return Files.readString(root.resolve(path)).strip();
        } catch (IOException unreadable) {
            return fallback;
        }
    }

    boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }

    long entries(String folder) {
        return names(folder).size();
    }

    List<String> names(String folder) {
        try (Stream<Path> all = Files.list(root.resolve(folder))) {
            return all.map(each -> each.getFileName().toString()).toList();
        } catch (IOException none) {
            return List.of();
        }
    }

    /** Where a symbolic link points to; empty when it can't be read. */
    String link(String path) {
        try {
            return Files.readSymbolicLink(root.resolve(path)).toString();
        } catch (IOException unreadable) {
            return "";
        }
    }

    /** A line of {@code /proc/self/status}, without its name; empty when there is none. */
    String status(String name) {
        return value("proc/self/status", "")
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }
}
