package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.FileSystemStatus;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Finds out what a folder can do by doing it, in two small files that are removed again. */
public final class PoolProbe {
    private static final int PROBE_BYTES = 64 << 10;
    private static final int DEFAULT_PHYSICAL_BYTES = 4096;
    private static final int DEFAULT_MEMORY_ALIGN = 512;

    private final PoolFolder folder;
    private final String filesystem;
    /** Names of its own: two engines may try a folder at the same time. */
    private final String probe;

    private final String clone;

    private PoolProbe(PoolFolder folder) {
        String name = "probe-" + UUID.randomUUID();
        this.probe = name + "-a" + PoolFolder.TEMPORARY;
        this.clone = name + "-b" + PoolFolder.TEMPORARY;
        this.folder = folder;
        this.filesystem = FileSystemStatus.of(folder.fd()).typeName();
    }

    /** Tries a pool's folder, or one that shall become one. */
    public static PoolTraits of(Path path) {
        Path volumes = path.resolve(FilePool.VOLUMES);
        try (PoolFolder folder = PoolFolder.open(Files.isDirectory(volumes) ? volumes : path)) {
            return of(folder);
        }
    }

    static PoolTraits of(PoolFolder folder) {
        return new PoolProbe(folder).probe();
    }

    private PoolTraits probe() {
        int fd = folder.open(probe, Linux.O_RDWR | Linux.O_CREAT | Linux.O_TRUNC);
        try {
            int filled = Linux.fallocate(fd, 0, 0, PROBE_BYTES);
            // A full disk is no reason not to serve what is on it: an empty file tells as much.
            FileErrors.check("writing to the pool's folder", filled == -Errno.ENOSPC ? 0 : filled);
            return describe(fd);
        } finally {
            Linux.close(fd);
            folder.remove(probe);
            folder.remove(clone);
        }
    }

    private PoolTraits describe(int fd) {
        FileStatus status = FileStatus.of(fd);
        int logical = directBlock(status);
        boolean direct = logical != 0;
        int block = direct ? logical : BlockLimits.MIN_BLOCK_BYTES;
        int memoryAlign = status.dioMemoryAlign() > 0 ? status.dioMemoryAlign() : DEFAULT_MEMORY_ALIGN;
        return new PoolTraits(
                filesystem,
                direct,
                direct ? memoryAlign : 1,
                block,
                Math.max(block, DEFAULT_PHYSICAL_BYTES),
                canClone(fd),
                punches(fd),
                rotational(status),
                problem(direct));
    }

    /** The smallest block that direct I/O takes, or 0 when there is no direct I/O. */
    private int directBlock(FileStatus status) {
        int fd = folder.tryOpen(probe, Linux.O_RDWR | Linux.O_DIRECT);
        if (fd == -Errno.EINVAL) {
            return 0;
        }
        FileErrors.check("opening a file of the pool for direct I/O", fd);
        try {
            int stated = status.dioOffsetAlign();
            return stated > 0 ? Math.max(stated, BlockLimits.MIN_BLOCK_BYTES) : triedBlock(fd);
        } finally {
            Linux.close(fd);
        }
    }

    /** For kernels and file systems that do not state it: the smallest write that is not refused. */
    private static int triedBlock(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(Memory.PAGE_BYTES, Memory.PAGE_BYTES);
            for (int block = BlockLimits.MIN_BLOCK_BYTES; block <= Memory.PAGE_BYTES; block *= 2) {
                if (Linux.pwrite(fd, page.asSlice(0, block), block) == block) {
                    return block;
                }
            }
            return 0;
        }
    }

    private boolean canClone(int fd) {
        int target = folder.open(clone, Linux.O_RDWR | Linux.O_CREAT | Linux.O_TRUNC);
        try {
            return Linux.ioctl(target, Linux.FICLONE, fd) == 0;
        } finally {
            Linux.close(target);
        }
    }

    private static boolean punches(int fd) {
        return Linux.fallocate(fd, Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE, 0, PROBE_BYTES) == 0;
    }

    private static boolean rotational(FileStatus status) {
        Path device = Path.of("/sys/dev/block/" + status.deviceMajor() + ":" + status.deviceMinor());
        return isOne(device.resolve("queue/rotational")) || isOne(device.resolve("../queue/rotational"));
    }

    private static boolean isOne(Path file) {
        try {
            return Files.readString(file).strip().equals("1");
        } catch (IOException noSuchDevice) {
            return false;
        }
    }

    private String problem(boolean direct) {
        if (!direct) {
            return filesystem
                    + " does no direct I/O here, so writes would wait in memory that the engine itself may be asked to"
                    + " free: use XFS or ext4, or say allowBuffered to accept that";
        }
        if (filesystem.equals("btrfs") && !NoCow.isSet(folder.fd()) && !folder.isEmptyOf(ImageStore.IMAGE)) {
            return "Btrfs buffers direct writes to files with data checksums, and " + folder.path()
                    + " has images but no attribute +C: use a new folder, which the engine marks by itself, or say"
                    + " allowBuffered to accept that";
        }
        return "";
    }
}
