package io.ublkcsi.node.filesystem;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.Filesystem;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.node.process.Commands.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Looks at what is on a device, without writing.
 *
 * <p>"Nothing found" is never concluded from one tool: blkid ends with the same code when it finds nothing and when it
 * can't read. So its word counts only together with wipefs', and with readable zeroes at both ends of the device.
 */
public final class Probe {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int NOTHING_FOUND = 2;
    /** Where every signature that anyone writes lies: GPT, LVM, LUKS, md and file systems keep them in these parts. */
    private static final long HEAD_BYTES = 2 << 20;

    private static final long TAIL_BYTES = 1 << 20;

    private final Commands commands;

    public Probe(Commands commands) {
        this.commands = commands;
    }

    /** What was found. */
    public sealed interface Finding {
        /** No signature, and both ends read as zeroes. The middle was not looked at. */
        record Nothing() implements Finding {}

        /** A file system that the driver knows. */
        record Known(Filesystem filesystem) implements Finding {}

        /** Anything else: another file system, a partition table, LVM, LUKS, RAID, data, or what can't be read. */
        record Foreign(String what) implements Finding {}
    }

    /** Looks at a device. */
    public Finding look(String volume, Path device, long sizeBytes, Deadline deadline) {
        Result blkid =
                commands.run(volume, List.of("blkid", "-p", "-o", "export", device.toString()), deadline.atMost(LIMIT));
        if (blkid.ok()) {
            return found(values(blkid.output()));
        }
        if (blkid.exitCode() != NOTHING_FOUND) {
            return new Finding.Foreign("several signatures at once, or an unreadable device (blkid ended with "
                    + blkid.exitCode() + ": " + blkid.output() + ")");
        }
        Result wipefs = commands.run(
                volume, List.of("wipefs", "--no-act", "--parsable", device.toString()), deadline.atMost(LIMIT));
        String signatures =
                wipefs.output().lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("; "));
        if (!wipefs.ok() || !signatures.isBlank()) {
            return new Finding.Foreign("signatures that wipefs names: " + signatures);
        }
        return ends(volume, device, sizeBytes, deadline)
                .<Finding>map(Finding.Foreign::new)
                .orElseGet(Finding.Nothing::new);
    }

    /**
     * Whether a stretch of the device reads as zeroes; empty when it does, or else what is there.
     *
     * @throws CsiFault.Timeout when it could not be read in time
     */
    public Optional<String> notZero(String volume, Path device, long offset, long length, Deadline deadline) {
        Result cmp = commands.run(
                volume,
                List.of(
                        "cmp",
                        "--quiet",
                        "--bytes=" + length,
                        "--ignore-initial=0:" + offset,
                        "/dev/zero",
                        device.toString()),
                deadline);
        return switch (cmp.exitCode()) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of("data between byte " + offset + " and byte " + (offset + length));
            default ->
                Optional.of("an area that can't be read, between byte " + offset + " and byte " + (offset + length)
                        + ": " + cmp.output());
        };
    }

    private Optional<String> ends(String volume, Path device, long sizeBytes, Deadline deadline) {
        long head = Math.min(HEAD_BYTES, sizeBytes);
        long tail = Math.min(TAIL_BYTES, sizeBytes);
        return notZero(volume, device, 0, head, deadline)
                .or(() -> notZero(volume, device, sizeBytes - tail, tail, deadline));
    }

    private static Finding found(Map<String, String> values) {
        String type = values.get("TYPE");
        if (values.containsKey("PTTYPE")) {
            return new Finding.Foreign("a partition table (" + values.get("PTTYPE") + ")");
        }
        if (type == null) {
            return new Finding.Foreign("something that blkid knows, but that is no file system: " + values.keySet());
        }
        for (Filesystem filesystem : Filesystem.values()) {
            if (filesystem.text().equals(type)) {
                return new Finding.Known(filesystem);
            }
        }
        return new Finding.Foreign(type);
    }

    private static Map<String, String> values(String export) {
        return export.lines()
                .filter(line -> line.contains("="))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (first, _) -> first));
    }
}
