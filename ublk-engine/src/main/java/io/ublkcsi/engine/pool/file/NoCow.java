package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The Btrfs attribute {@code +C}: files made in a folder that has it are written in place and without data checksums,
 * which is what lets direct writes bypass the page cache. A file takes it from its folder, when it is made.
 */
final class NoCow {
    /** {@code FS_IOC_GETFLAGS}, {@code FS_IOC_SETFLAGS}, {@code FS_NOCOW_FL} (include/uapi/linux/fs.h). */
    private static final long GET_FLAGS = 0x80086601L;

    private static final long SET_FLAGS = 0x40086602L;
    private static final int NOCOW = 0x00800000;

    private NoCow() {}

    static boolean isSet(int folder) {
        return (flags(folder) & NOCOW) != 0;
    }

    /** False when the file system does not take it. */
    static boolean set(int folder) {
        int flags = flags(folder);
        if ((flags & NOCOW) != 0) {
            return true;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(8, 8);
            argument.set(Memory.INT, 0, flags | NOCOW);
            return Linux.ioctl(folder, SET_FLAGS, argument.address()) == 0;
        }
    }

    private static int flags(int folder) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(8, 8);
            int failed = Linux.ioctl(folder, GET_FLAGS, argument.address());
            return failed < 0 ? 0 : argument.get(Memory.INT, 0);
        }
    }
}
