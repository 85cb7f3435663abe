package io.ublkcsi.engine.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What fstatfs(2) says of the file system that holds an open file; bytes throughout. */
public record FileSystemStatus(long type, long totalBytes, long freeBytes, long availableBytes) {
    public static final long BTRFS = 0x9123683EL;
    public static final long XFS = 0x58465342L;
    public static final long EXT = 0xEF53L;
    public static final long TMPFS = 0x01021994L;

    public static FileSystemStatus of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            return of(fd, buffer(arena));
        }
    }

    /**
     * For who asks often, and leaves no garbage.
     *
     * @param buffer of {@link #buffer}
     */
    public static FileSystemStatus of(int fd, MemorySegment buffer) {
        int failed = Linux.fstatfs(fd, buffer);
        if (failed < 0) {
            throw new IllegalStateException("statfs failed with " + Errno.name(failed));
        }
        long blockBytes = buffer.get(Memory.LONG, Statfs.BSIZE);
        return new FileSystemStatus(
                buffer.get(Memory.LONG, Statfs.TYPE),
                buffer.get(Memory.LONG, Statfs.BLOCKS) * blockBytes,
                buffer.get(Memory.LONG, Statfs.BFREE) * blockBytes,
                buffer.get(Memory.LONG, Statfs.BAVAIL) * blockBytes);
    }

    public static MemorySegment buffer(Arena arena) {
        return arena.allocate(Statfs.LENGTH, 8);
    }

    /** A name for people, such as {@code xfs}. */
    public String typeName() {
        if (type == BTRFS) {
            return "btrfs";
        }
        if (type == XFS) {
            return "xfs";
        }
        if (type == EXT) {
            return "ext4";
        }
        return type == TMPFS ? "tmpfs" : "0x" + Long.toHexString(type);
    }
}
