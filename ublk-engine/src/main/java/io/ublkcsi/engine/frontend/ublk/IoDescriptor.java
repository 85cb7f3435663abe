package io.ublkcsi.engine.frontend.ublk;

/** {@code struct ublksrv_io_desc} (include/uapi/linux/ublk_cmd.h): one a tag, in memory that the driver maps to us. */
public final class IoDescriptor {
    public static final int LENGTH = 24;
    public static final int OP_FLAGS = 0;
    public static final int NR_SECTORS = 4;
    public static final int START_SECTOR = 8;
    public static final int ADDR = 16;

    public static final int OP_READ = 0;
    public static final int OP_WRITE = 1;
    public static final int OP_FLUSH = 2;
    public static final int OP_DISCARD = 3;
    public static final int OP_WRITE_ZEROES = 5;

    public static final int OP_MASK = 0xff;
    public static final int F_FUA = 1 << 13;
    public static final int F_NOUNMAP = 1 << 15;
    /** Automatic registration of the request's pages failed: register them by command. */
    public static final int F_NEED_REG_BUF = 1 << 17;

    private IoDescriptor() {}
}
