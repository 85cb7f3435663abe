package io.ublkcsi.engine.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel's block layer counts for a device.
 *
 * @param completed requests, since the device is there
 * @param inflight requests under way
 */
record DiskCounters(long completed, long inflight) {
    private static final DiskCounters NONE = new DiskCounters(0, 0);
    private static final Path BLOCK = Path.of("/sys/block");

    /** Fields of {@code stat} (Documentation/block/stat.rst): reads, writes and discards completed, and in flight. */
    private static final int READS = 0;

    private static final int WRITES = 4;
    private static final int IN_FLIGHT = 8;
    private static final int DISCARDS = 11;

    /**
     * @param device such as {@code /dev/ublkb0}; nothing is counted when it is gone
     */
    static DiskCounters of(String device) {
        Path file = BLOCK.resolve(Path.of(device).getFileName()).resolve("stat");
        try {
            return parse(Files.readString(file));
        } catch (IOException gone) {
            return NONE;
        }
    }

    static DiskCounters parse(String stat) {
        String[] fields = stat.strip().split("\\s+");
        long completed =
                Long.parseLong(fields[READS]) + Long.parseLong(fields[WRITES]) + Long.parseLong(fields[DISCARDS]);
        return new DiskCounters(completed, Long.parseLong(fields[IN_FLIGHT]));
    }
}
