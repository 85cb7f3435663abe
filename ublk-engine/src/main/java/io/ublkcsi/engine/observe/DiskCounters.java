package io.ublkcsi.engine.observe;

import io.ublkcsi.engine.sys.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;

/**
 * What the kernel's block layer counts for a device.
 *
 * @param ended requests that were completed, or merged into another one, since the device is there
 * @param inflight requests under way
 */
record DiskCounters(long ended, long inflight) {
    private static final DiskCounters NONE = new DiskCounters(0, 0);

    /** 17 numbers of at most 20 digits. */
    private static final int STAT_BYTES = 512;

    /**
     * Fields of {@code stat} (Documentation/block/stat.rst): reads, writes and discards, those merged each behind those
     * completed.
     */
    private static final long ENDED = 1 << 0 | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 11 | 1 << 12;

    private static final int IN_FLIGHT = 8;

    /**
     * Reads the counters of a device such as {@code /dev/ublkb0}; nothing is counted when it is gone. For one thread.
     * It leaves hardly any garbage, because every device is looked at every second.
     */
    static Function<String, DiskCounters> reader() {
        MemorySegment stat = Arena.ofAuto().allocate(STAT_BYTES);
        return device -> {
            int fd =
                    Linux.open("/sys/block/" + device.substring(device.lastIndexOf('/') + 1) + "/stat", Linux.O_RDONLY);
            if (fd < 0) {
                return NONE;
            }
            long length = Linux.read(fd, stat);
            Linux.close(fd);
            return parse(stat, length);
        };
    }

    /**
     * @param length negative when {@code stat} was not readable
     */
    static DiskCounters parse(MemorySegment stat, long length) {
        long ended = 0;
        long inflight = 0;
        long value = -1;
        int field = 0;
        for (long i = 0; i < length; i++) {
            int digit = stat.get(ValueLayout.JAVA_BYTE, i) - '0';
            if (digit >= 0 && digit <= 9) {
                value = Math.max(value, 0) * 10 + digit;
            } else if (value >= 0) {
                ended += (ENDED >> field & 1) * value;
                inflight = field == IN_FLIGHT ? value : inflight;
                value = -1;
                field++;
            }
        }
        return new DiskCounters(ended, inflight);
    }
}
