package io.ublkcsi.engine.frontend.vduse;

/** {@code struct virtio_blk_outhdr} and what belongs to it (include/uapi/linux/virtio_blk.h). */
public final class BlkRequest {
    public static final int LENGTH = 16;
    public static final int TYPE = 0;
    public static final int IOPRIO = 4;
    public static final int SECTOR = 8;

    public static final int T_IN = 0;
    public static final int T_OUT = 1;
    public static final int T_FLUSH = 4;
    public static final int T_GET_ID = 8;
    public static final int T_DISCARD = 11;
    public static final int T_WRITE_ZEROES = 13;

    public static final int S_OK = 0;
    public static final int S_IOERR = 1;
    public static final int S_UNSUPP = 2;

    /** Length of a serial number. */
    public static final int ID_BYTES = 20;

    private BlkRequest() {}
}
