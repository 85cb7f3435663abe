package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.sys.Memory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of a device cannot change while it exists: the disk's users were told of it, or the kernel has laid out its
 * memory by it.
 *
 * @param maxIoBytes the largest read or write; a piece of the data area is that large, so that a command's data lies in
 *     one piece
 */
record TcmuShape(
        long sizeBytes, int blockBytes, int depth, int maxIoBytes, boolean readOnly, boolean discard, boolean failIo) {
    /** Of a device whose shape cannot be read. */
    static final TcmuShape UNKNOWN = new TcmuShape(0, 512, 1, Memory.PAGE_BYTES, false, false, false);

    static final int DEFAULT_IO_BYTES = 1 << 19;
    /** The kernel's own limit for all devices together is 2 GiB. */
    static final long MAX_DATA_AREA_BYTES = 1L << 28;

    /** Commands at a time; a deeper queue only waits, as one ring serves them all. */
    static final int MAX_DEPTH = 256;

    private static final Pattern TEXT = Pattern.compile(
            "block=(\\d{3,5}) depth=(\\d{1,4}) io=(\\d{4,8}) ro=(true|false) discard=(true|false) fail=(true|false)");
    private static final int FAIL_TIME_OUT_S = 30;
    private static final int SECTOR_BYTES = 512;
    private static final long MIB = 1L << 20;

    static TcmuShape of(BlockLimits limits, DeviceOptions options) {
        int depth = Math.min(options.depth(), MAX_DEPTH);
        int wanted = options.maxIoBytes() == 0 ? DEFAULT_IO_BYTES : options.maxIoBytes();
        if (limits.maxTransferBytes() != 0) {
            wanted = Math.min(wanted, Integer.highestOneBit(limits.maxTransferBytes()));
        }
        int most = (int) Long.highestOneBit(MAX_DATA_AREA_BYTES / depth);
        int maxIoBytes = Math.max(Memory.PAGE_BYTES, Math.min(wanted, most));
        return new TcmuShape(
                limits.sizeBytes(),
                limits.logicalBytes(),
                depth,
                maxIoBytes,
                limits.readOnly(),
                limits.discard(),
                options.failIo());
    }

    /** The line that makes the device. Never wait for an answer by netlink: its daemon may be dead. */
    String control(String configuration) {
        return "dev_config=" + configuration
                + ",dev_size=" + sizeBytes
                + ",hw_block_size=" + blockBytes
                + ",hw_max_sectors=" + maxIoBytes / SECTOR_BYTES
                + ",max_data_area_mb=" + Math.max(1, ((long) depth * maxIoBytes + MIB - 1) / MIB)
                + ",data_pages_per_blk=" + maxIoBytes / Memory.PAGE_BYTES
                + ",nl_reply_supported=-1";
    }

    /** Seconds after which the kernel fails a command that nobody answers; 0: never. */
    int commandTimeOutS() {
        return failIo ? FAIL_TIME_OUT_S : 0;
    }

    /** All but the size, which grows; kept in the kernel beside the device. */
    String text() {
        return "block=" + blockBytes + " depth=" + depth + " io=" + maxIoBytes + " ro=" + readOnly + " discard="
                + discard + " fail=" + failIo;
    }

    /**
     * Reads what {@link #text} wrote; null when it is none of that.
     *
     * @param sizeBytes of the disk
     */
    static @Nullable TcmuShape parse(String text, long sizeBytes) {
        Matcher fields = TEXT.matcher(text);
        if (!fields.matches()) {
            return null;
        }
        return new TcmuShape(
                sizeBytes,
                Integer.parseInt(fields.group(1)),
                Integer.parseInt(fields.group(2)),
                Integer.parseInt(fields.group(3)),
                Boolean.parseBoolean(fields.group(4)),
                Boolean.parseBoolean(fields.group(5)),
                Boolean.parseBoolean(fields.group(6)));
    }

    BlockLimits limits() {
        int physicalBytes = Math.max(blockBytes, Memory.PAGE_BYTES);
        return new BlockLimits(
                Math.max(blockBytes, sizeBytes),
                blockBytes,
                physicalBytes,
                0,
                1,
                0,
                readOnly,
                true,
                discard,
                true,
                false,
                false);
    }
}
