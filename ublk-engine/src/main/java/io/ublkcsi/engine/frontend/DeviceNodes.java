package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Device nodes. devtmpfs makes them; in a container without it we make them ourselves. */
public final class DeviceNodes {
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long DEVTMPFS_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFBLK = 0x6000;
    private static final int OWNER_ONLY = 0600;

    private DeviceNodes() {}

    /** What a device node stands for. */
    public record Numbers(int major, int minor) {}

    /** Waits until {@code path} is the character device with these numbers. */
    public static void awaitCharacter(String path, int major, int minor) {
        await(path, S_IFCHR, major, minor);
    }

    /** Waits until {@code path} is the block device with these numbers. */
    public static void awaitBlock(String path, int major, int minor) {
        await(path, S_IFBLK, major, minor);
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
