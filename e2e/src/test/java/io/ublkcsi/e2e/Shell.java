package io.ublkcsi.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs programs of the guest, with deadlines, as a person at a shell would. */
final class Shell {
    private static final long DEADLINE_SECONDS = 300;

    private Shell() {}

    /**
     * What a command came to.
     *
     * @param output standard output and error together
     */
    record Result(String command, int status, String output) {
        Result expectSuccess() {
            if (status != 0) {
                throw new AssertionError(command + "\nended with " + status + ":\n" + output);
            }
            return this;
        }
    }

    /** Runs a line of bash and insists that it succeeds; answers its output, trimmed. */
    static String run(String line) {
        return attempt(line).expectSuccess().output().strip();
    }

    /** Runs a line of bash, however it ends. */
    static Result attempt(String line) {
        try {
            Path output = Files.createTempFile("shell", ".out");
            Process process = new ProcessBuilder("bash", "-c", line)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(line + "\ndid not end in " + DEADLINE_SECONDS + " s:\n" + read(output));
            }
            Result result = new Result(line, process.exitValue(), read(output));
            Files.delete(output);
            return result;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** A number from a one-line file such as those of sysfs. */
    static long number(String path) {
        return Long.parseLong(read(Path.of(path)).strip());
    }

    static String read(Path path) {
        try {
            return Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
