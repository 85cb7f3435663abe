package io.ublkcsi.engine.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What statx(2) says of an open file.
 *
 * @param dioMemoryAlign bytes that a buffer's address must be a multiple of for direct I/O; 0: the kernel did not say
 * @param dioOffsetAlign bytes that offset and length must be a multiple of for direct I/O; 0: the kernel did not say
 */
public record FileStatus(
        int mode,
        int links,
        long sizeBytes,
        long allocatedBytes,
        long inode,
        int deviceMajor,
        int deviceMinor,
        int specialMajor,
        int specialMinor,
        int dioMemoryAlign,
        int dioOffsetAlign) {

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_DIOALIGN = 0x2000;
    private static final int S_IFMT = 0xf000;

    /** The status of an open file. */
    public static FileStatus of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.LENGTH, 8);
            int failed = Linux.statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_DIOALIGN, statx);
            if (failed < 0) {
                throw new IllegalStateException("statx of an open file failed with " + Errno.name(failed));
            }
            return Statx.read(statx);
        }
    }

    /** The status of a path, its last symbolic link not followed; null when there is no such file. */
    public static @Nullable FileStatus ofPath(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(Statx.LENGTH, 8);
            int failed = Linux.statx(Linux.AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, statx);
            return failed < 0 ? null : Statx.read(statx);
        }
    }

    public boolean isRegular() {
        return (mode & S_IFMT) == 0x8000;
    }

    public boolean isDirectory() {
        return (mode & S_IFMT) == 0x4000;
    }

    /** Only of a link that was looked at itself. */
    public boolean isSymbolicLink() {
        return (mode & S_IFMT) == 0xa000;
    }

    public boolean isBlockDevice() {
        return (mode & S_IFMT) == 0x6000;
    }

    public boolean isCharacterDevice() {
        return (mode & S_IFMT) == 0x2000;
    }
}
