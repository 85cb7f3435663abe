package io.ublkcsi.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A program of the guest that runs while a test does something to it. */
final class Background implements AutoCloseable {
    private final String line;
    private final Process process;
    private final Path output;

    Background(String line) {
        this.line = line;
        try {
            output = Files.createTempFile("background", ".out");
            process = new ProcessBuilder("bash", "-c", "exec " + line)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Answers how it ended. */
    Shell.Result await(long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new AssertionError(line + "\ndid not end within " + seconds + " s:\n" + Shell.read(output));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
        return new Shell.Result(line, process.exitValue(), Shell.read(output));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
