package io.ublkcsi.engine.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code /proc/PID/status}, of the process or of one of its threads (proc_pid_status(5)). */
final class StatusFile {
    static final Path PROCESS = Path.of("/proc/self/status");
    /** Of the thread that reads it. */
    static final Path THREAD = Path.of("/proc/thread-self/status");

    private StatusFile() {}

    /** A line, without its name. */
    static String line(Path file, String name) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(file + " has no " + name));
        } catch (IOException failure) {
            throw new UncheckedIOException("reading " + file, failure);
        }
    }

    /** A set of capabilities, by number. */
    static long capabilities(Path file, String name) {
        return Long.parseUnsignedLong(line(file, name), 16);
    }
}
