package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.DeviceNodes;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The device nodes of a ublk device. */
final class UblkNodes {
    private static final Logger LOG = LoggerFactory.getLogger(UblkNodes.class);

    private UblkNodes() {}

    static String character(int device) {
        return "/dev/ublkc" + device;
    }

    static String block(int device) {
        return "/dev/ublkb" + device;
    }

    /** Waits for {@code /dev/ublkcN} and opens it, without blocking reads. */
    static int openCharacter(int device, UblkControl.DeviceNumbers numbers) {
        String path = character(device);
        DeviceNodes.awaitCharacter(path, numbers.charMajor(), numbers.charMinor());
        int fd = Linux.open(path, Linux.O_RDWR | Linux.O_NONBLOCK);
        if (fd < 0) {
            String cause = fd == -Errno.EBUSY ? ": another process serves this device" : "";
            throw new EngineException(Kind.INTERNAL, "opening " + path + " failed with " + Errno.name(fd) + cause);
        }
        return fd;
    }

    /** Waits until {@code /dev/ublkbN} is the block device with the numbers that the driver gave. */
    static void awaitBlock(int device, UblkControl.DeviceNumbers numbers) {
        DeviceNodes.awaitBlock(block(device), numbers.diskMajor(), numbers.diskMinor());
    }

    /**
     * Size, blocks and whether it is read-only, from sysfs: the driver's own answer (GET_PARAMS) waits for as long as
     * it quiesces the device. What is no disk has the smallest size.
     */
    static BlockLimits limits(int device) {
        Path disk = Path.of("/sys/block/ublkb" + device);
        try {
            int logicalBytes = (int) number(disk.resolve("queue/logical_block_size"));
            int physicalBytes = (int) number(disk.resolve("queue/physical_block_size"));
            long sizeBytes = number(disk.resolve("size")) * Requests.SECTOR_BYTES;
            return limits(
                    Math.max(logicalBytes, sizeBytes),
                    logicalBytes,
                    Math.max(logicalBytes, physicalBytes),
                    number(disk.resolve("ro")) != 0);
        } catch (IOException noDisk) {
            return limits(BlockLimits.MIN_BLOCK_BYTES, BlockLimits.MIN_BLOCK_BYTES, BlockLimits.MIN_BLOCK_BYTES, false);
        }
    }

    /** Major and minor numbers, from sysfs for the same reason; 0 for a node that is not there. */
    static UblkControl.DeviceNumbers numbers(int device) {
        int[] character = majorMinor(Path.of("/sys/class/ublk-char/ublkc" + device + "/dev"));
        int[] disk = majorMinor(Path.of("/sys/block/ublkb" + device + "/dev"));
        return new UblkControl.DeviceNumbers(character[0], character[1], disk[0], disk[1]);
    }

    private static int[] majorMinor(Path attribute) {
        try {
            String[] numbers = Files.readString(attribute).strip().split(":");
            return new int[] {Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])};
        } catch (IOException noNode) {
            return new int[2];
        }
    }

    private static BlockLimits limits(long sizeBytes, int logicalBytes, int physicalBytes, boolean readOnly) {
        return new BlockLimits(
                sizeBytes, logicalBytes, physicalBytes, 0, 1, 0, readOnly, false, false, false, false, false);
    }

    private static long number(Path attribute) throws IOException {
        return Long.parseLong(Files.readString(attribute).strip());
    }

    /** How long the block layer waits for a request before it asks the driver; left alone where sysfs is read-only. */
    static void setTimeout(int device, long ms) {
        Path setting = Path.of("/sys/block/ublkb" + device + "/queue/io_timeout");
        try {
            Files.writeString(setting, String.valueOf(ms));
        } catch (IOException refused) {
            LOG.debug("{} stays as it is", setting, refused);
        }
    }
}
