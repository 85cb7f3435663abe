package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The device nodes of a ublk device. devtmpfs makes them; in a container without it we make them ourselves. */
final class UblkNodes {
    private static final Logger LOG = LoggerFactory.getLogger(UblkNodes.class);
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long DEVTMPFS_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFBLK = 0x6000;
    private static final int OWNER_ONLY = 0600;

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
        await(path, S_IFCHR, numbers.charMajor(), numbers.charMinor());
        int fd = Linux.open(path, Linux.O_RDWR | Linux.O_NONBLOCK);
        if (fd < 0) {
            String cause = fd == -Errno.EBUSY ? ": another process serves this device" : "";
            throw new EngineException(Kind.INTERNAL, "opening " + path + " failed with " + Errno.name(fd) + cause);
        }
        return fd;
    }

    /** Waits until {@code /dev/ublkbN} is the block device with the numbers that the driver gave. */
    static void awaitBlock(int device, UblkControl.DeviceNumbers numbers) {
        await(block(device), S_IFBLK, numbers.diskMajor(), numbers.diskMinor());
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

    private static void await(String path, int type, int major, int minor) {
        long startNs = System.nanoTime();
        while (!isNode(path, type, major, minor)) {
            long waitedNs = System.nanoTime() - startNs;
            if (waitedNs > WAIT_NS) {
                throw new EngineException(
                        Kind.INTERNAL,
                        path + " did not appear as device " + major + ":" + minor
                                + ": is the host's /dev mounted into the engine's container?");
            }
            if (waitedNs > DEVTMPFS_NS && FileStatus.ofPath(path) == null) {
                Linux.mknod(path, type | OWNER_ONLY, deviceNumber(major, minor));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static boolean isNode(String path, int type, int major, int minor) {
        FileStatus status = FileStatus.ofPath(path);
        return status != null
                && (status.mode() & 0xf000) == type
                && status.specialMajor() == major
                && status.specialMinor() == minor;
    }

    /** {@code makedev(3)}. */
    private static long deviceNumber(int major, int minor) {
        return (major & 0xfffL) << 8 | minor & 0xffL | (minor & 0xfff00L) << 12 | (major & 0xfffff000L) << 32;
    }
}
