package io.ublkcsi.engine.sys;

import java.lang.foreign.MemorySegment;

/** {@code struct statx} (include/uapi/linux/stat.h). */
public final class Statx {
    public static final int LENGTH = 256;
    public static final int MASK = 0;
    public static final int NLINK = 16;
    public static final int MODE = 28;
    public static final int INO = 32;
    public static final int SIZE = 40;
    public static final int BLOCKS = 48;
    public static final int RDEV_MAJOR = 128;
    public static final int RDEV_MINOR = 132;
    public static final int DEV_MAJOR = 136;
    public static final int DEV_MINOR = 140;
    public static final int DIO_MEM_ALIGN = 152;
    public static final int DIO_OFFSET_ALIGN = 156;

    private static final int SECTOR_BYTES = 512;

    private Statx() {}

    static FileStatus read(MemorySegment statx) {
        return new FileStatus(
                Short.toUnsignedInt(statx.get(Memory.SHORT, MODE)),
                statx.get(Memory.INT, NLINK),
                statx.get(Memory.LONG, SIZE),
                statx.get(Memory.LONG, BLOCKS) * SECTOR_BYTES,
                statx.get(Memory.LONG, INO),
                statx.get(Memory.INT, DEV_MAJOR),
                statx.get(Memory.INT, DEV_MINOR),
                statx.get(Memory.INT, RDEV_MAJOR),
                statx.get(Memory.INT, RDEV_MINOR),
                statx.get(Memory.INT, DIO_MEM_ALIGN),
                statx.get(Memory.INT, DIO_OFFSET_ALIGN));
    }
}
