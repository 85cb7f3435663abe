package io.ublkcsi.engine.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Which parts of a file have blocks of their own, as the file system says (FS_IOC_FIEMAP). */
public final class MappedExtents {
    /** {@code FS_IOC_FIEMAP} (include/uapi/linux/fs.h). */
    private static final long FS_IOC_FIEMAP = 0xc020660bL;

    private static final int EXTENTS = 16;
    private static final int NOT_ITS_OWN = FiemapExtent.FIEMAP_EXTENT_UNKNOWN
            | FiemapExtent.FIEMAP_EXTENT_DELALLOC
            | FiemapExtent.FIEMAP_EXTENT_SHARED;

    private MappedExtents() {}

    /**
     * Whether a write there needs no new block. What was allocated and never written has its blocks; what another file
     * shares does not. False, too, when the file system can't tell. May read from the disk.
     */
    public static boolean cover(int fd, long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = arena.allocate(Fiemap.LENGTH + EXTENTS * (long) FiemapExtent.LENGTH, Long.BYTES);
            long end = offset + length;
            long at = offset;
            while (at < end) {
                long next = mappedUntil(fd, map, at, end);
                if (next <= at) {
                    return false;
                }
                at = next;
            }
            return true;
        }
    }

    /** How far blocks of its own reach from {@code at} on, as far as one call tells. */
    private static long mappedUntil(int fd, MemorySegment map, long at, long end) {
        map.fill((byte) 0);
        map.set(Memory.LONG, Fiemap.FM_START, at);
        map.set(Memory.LONG, Fiemap.FM_LENGTH, end - at);
        map.set(Memory.INT, Fiemap.FM_EXTENT_COUNT, EXTENTS);
        if (Linux.ioctl(fd, FS_IOC_FIEMAP, map.address()) < 0) {
            return at;
        }
        long reached = at;
        for (int i = 0; i < map.get(Memory.INT, Fiemap.FM_MAPPED_EXTENTS); i++) {
            long extent = Fiemap.FM_EXTENTS + (long) i * FiemapExtent.LENGTH;
            long first = map.get(Memory.LONG, extent + FiemapExtent.FE_LOGICAL);
            boolean own = (map.get(Memory.INT, extent + FiemapExtent.FE_FLAGS) & NOT_ITS_OWN) == 0;
            if (!own || first > reached) {
                return reached;
            }
            reached = first + map.get(Memory.LONG, extent + FiemapExtent.FE_LENGTH);
        }
        return reached;
    }
}
