package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DeviceNodes;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The disk that the kernel made of a unit.
 *
 * @param device the SCSI device's directory in sysfs
 * @param name such as {@code sda}
 */
record ScsiDisk(Path device, String name, int major, int minor) {
    private static final Path DEVICES = Path.of("/sys/bus/scsi/devices");
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int SECTOR_BYTES = 512;

    /**
     * Waits until the kernel has made a disk of unit 0 of a target, and its node is there.
     *
     * @param address host, channel and target, such as {@code 2:0:1}
     */
    static ScsiDisk await(String address) {
        Path device = DEVICES.resolve(address + ":0");
        long endNs = System.nanoTime() + WAIT_NS;
        ScsiDisk disk = find(device);
        while (disk == null) {
            if (System.nanoTime() > endNs) {
                throw new EngineException(
                        Kind.INTERNAL,
                        "the kernel made no disk of SCSI device " + address
                                + ":0: is sd_mod loaded? Its log (dmesg) may say more");
            }
            LockSupport.parkNanos(POLL_NS);
            disk = find(device);
        }
        DeviceNodes.awaitBlock(disk.path(), disk.major(), disk.minor());
        return disk;
    }

    /** The disk of unit 0 of a target, if it is there now. */
    static @Nullable ScsiDisk find(String address) {
        return address.isEmpty() ? null : find(DEVICES.resolve(address + ":0"));
    }

    private static @Nullable ScsiDisk find(Path device) {
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(device.resolve("block"))) {
            for (Path disk : disks) {
                String[] numbers = ConfigFs.read(disk.resolve("dev")).split(":");
                if (numbers.length == 2) {
                    return new ScsiDisk(
                            device,
                            disk.getFileName().toString(),
                            Integer.parseInt(numbers[0]),
                            Integer.parseInt(numbers[1]));
                }
            }
        } catch (IOException notYet) {
            return null;
        }
        return null;
    }

    String path() {
        return "/dev/" + name;
    }

    long sizeBytes() {
        String sectors = ConfigFs.read(Path.of("/sys/block", name, "size"));
        return sectors.isEmpty() ? 0 : Long.parseLong(sectors) * SECTOR_BYTES;
    }

    /** The most commands that are sent to it at a time: what the ring's data area has room for. */
    void limitDepth(int depth) {
        ConfigFs.write(device.resolve("queue_depth"), Integer.toString(depth));
    }

    /** Has the kernel ask for the disk's size again. Waits for the answers. */
    void rescan() {
        ConfigFs.write(device.resolve("rescan"), "1");
    }

    /** Whether a file system or another holder has it to itself. A plain open is not seen. */
    boolean isClaimed() {
        int claim = Linux.open(path(), Linux.O_RDONLY | Linux.O_EXCL | Linux.O_NONBLOCK);
        if (claim >= 0) {
            Linux.close(claim);
        }
        return claim == -Errno.EBUSY;
    }
}
