package io.ublkcsi.node.process;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.time.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs mkfs, mount and their like as child processes.
 *
 * <p>A child has a deadline. One that does not end when killed hangs in the kernel, on a device whose engine does not
 * answer: it is left alone, counted and reported, and nothing else is started on the same volume before it has ended.
 * Children die with this process: a mkfs that outlived it could write over what its successor made.
 *
 * <p>Thread-safe. Must be called on platform threads: a child dies with the thread that started it.
 */
public final class Children implements Commands {
    private static final Logger LOG = LoggerFactory.getLogger(Children.class);
    private static final Duration KILL_GRACE = Duration.ofSeconds(1);
    private static final int MAX_OUTPUT_BYTES = 64 << 10;

    /** By volume: the child that could not be ended, and when it was given up. */
    private final Map<String, Abandoned> abandoned = new ConcurrentHashMap<>();

    private record Abandoned(Process process, String command, long sinceNs) {}

    @Override
    public Result run(String volume, List<String> command, Deadline deadline) {
        waitForAbandoned(volume, command, deadline);
        Process process = start(command);
        OutputReader output = OutputReader.of(process);
        try {
            if (process.waitFor(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
                return new Result(process.exitValue(), output.text());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        throw giveUp(volume, command, process, output);
    }

    /** How many children hang in the kernel now. */
    public int stuck() {
        abandoned.values().removeIf(child -> !child.process().isAlive());
        return abandoned.size();
    }

    private void waitForAbandoned(String volume, List<String> command, Deadline deadline) {
        Abandoned earlier = abandoned.get(volume);
        if (earlier == null) {
            return;
        }
        try {
            if (earlier.process().waitFor(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
                abandoned.remove(volume, earlier);
                return;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - earlier.sinceNs());
        throw new CsiFault.Timeout(command.getFirst() + " was not started: '" + earlier.command() + "' (pid "
                + earlier.process().pid() + ") has been stuck in the kernel since it was given up " + seconds
                + " s ago; is the engine that serves the device running?");
    }

    private static Process start(List<String> command) {
        List<String> full = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
        full.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(full).redirectErrorStream(true);
        builder.redirectInput(Path.of("/dev/null").toFile());
        // No translated messages, and nothing of our own environment that could be meant for us alone.
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        builder.environment().put("LC_ALL", "C");
        try {
            return builder.start();
        } catch (IOException failure) {
            throw new CsiFault.Internal(
                    "can't run " + command.getFirst() + ": " + failure.getMessage()
                            + "; is its package (util-linux, e2fsprogs, xfsprogs, btrfs-progs) installed?",
                    failure);
        }
    }

    private CsiFault giveUp(String volume, List<String> command, Process process, OutputReader output) {
        process.destroyForcibly();
        boolean ended = false;
        try {
            ended = process.waitFor(KILL_GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        String text = String.join(" ", command);
        if (ended) {
            return new CsiFault.Timeout("'" + text + "' did not end in time and was killed; it said: " + output.text());
        }
        abandoned.put(volume, new Abandoned(process, text, System.nanoTime()));
        LOG.error("'{}' (pid {}) is stuck in the kernel and left alone; {} such", text, process.pid(), stuck());
        return new CsiFault.Timeout(
                "'" + text + "' (pid " + process.pid() + ") did not end in time, and can't be killed:"
                        + " it waits in the kernel for its device; is the engine that serves the device running?");
    }

    /** Reads what a child says without ever blocking the one who waits for the child. */
    private static final class OutputReader {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final Thread thread;

        private OutputReader(Process process) {
            this.thread =
                    Thread.ofPlatform().daemon().name("output-" + process.pid()).start(() -> read(process));
        }

        static OutputReader of(Process process) {
            return new OutputReader(process);
        }

        private void read(Process process) {
            byte[] piece = new byte[4096];
            try (var in = process.getInputStream()) {
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    kept.write(piece, 0, Math.min(count, MAX_OUTPUT_BYTES - kept.size()));
                }
            } catch (IOException ended) {
                LOG.debug("a child's output ended: {}", ended.getMessage());
            }
        }

        String text() {
            try {
                thread.join(KILL_GRACE);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            return kept.toString(StandardCharsets.UTF_8).strip();
        }
    }
}
