package io.ublkcsi.engine.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel's block layer counts for a device.
 *
 * @param ended requests that were completed, or merged into another one, since the device is there
 * @param inflight requests under way
 */
record DiskCounters(long ended, long inflight) {
    private static final DiskCounters NONE = new DiskCounters(0, 0);
    private static final Path BLOCK = Path.of("/sys/block");

    /**
     * Fields of {@code stat} (Documentation/block/stat.rst): reads, writes and discards, those merged each behind those
     * completed.
     */
    private static final int[] ENDED = {0, 1, 4, 5, 11, 12};

    private static final int IN_FLIGHT = 8;

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
        long ended = 0;
        for (int field : ENDED) {
            ended += Long.parseLong(fields[field]);
        }
        return new DiskCounters(ended, Long.parseLong(fields[IN_FLIGHT]));
    }
}
