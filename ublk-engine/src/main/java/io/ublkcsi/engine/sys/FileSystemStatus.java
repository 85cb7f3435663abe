package io.ublkcsi.engine.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What fstatfs(2) says of the file system that holds an open file; bytes throughout. */
public record FileSystemStatus(long type, long totalBytes, long freeBytes, long availableBytes) {
    public static final long BTRFS = 0x9123683EL;
    public static final long XFS = 0x58465342L;
    public static final long EXT = 0xEF53L;
    public static final long TMPFS = 0x01021994L;

    /** {@code struct statfs} of 64-bit machines (include/uapi/asm-generic/statfs.h). */
    static final int LENGTH = 120;

    public static FileSystemStatus of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(LENGTH, 8);
            int failed = Linux.fstatfs(fd, statfs);
            if (failed < 0) {
                throw new IllegalStateException("statfs failed with " + Errno.name(failed));
            }
            long blockBytes = statfs.get(Memory.LONG, 8);
            return new FileSystemStatus(
                    statfs.get(Memory.LONG, 0),
                    statfs.get(Memory.LONG, 16) * blockBytes,
                    statfs.get(Memory.LONG, 24) * blockBytes,
                    statfs.get(Memory.LONG, 32) * blockBytes);
        }
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
