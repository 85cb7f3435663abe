package io.ublkcsi.engine.uring;

/** {@code struct io_uring_sqe} (include/uapi/linux/io_uring.h): offsets of its fields, operations and flags. */
public final class Sqe {
    public static final int LENGTH = 64;
    /** Length with {@code IORING_SETUP_SQE128}. */
    public static final int LENGTH_128 = 128;

    public static final int OPCODE = 0;
    public static final int FLAGS = 1;
    public static final int IOPRIO = 2;
    public static final int FD = 4;
    public static final int OFF = 8;
    public static final int CMD_OP = 8;
    public static final int ADDR = 16;
    public static final int LEN = 24;
    /** {@code rw_flags}, {@code fsync_flags}, {@code uring_cmd_flags}, {@code poll32_events}. */
    public static final int OP_FLAGS = 28;

    public static final int USER_DATA = 32;
    public static final int BUF_INDEX = 40;
    public static final int SPLICE_FD_IN = 44;
    /** {@code addr3}, and where a command's own bytes begin. */
    public static final int CMD = 48;

    public static final int NOP = 0;
    /** {@code addr} is an array of {@code struct iovec}, {@code len} their number. */
    public static final int READV = 1;

    public static final int WRITEV = 2;
    public static final int FSYNC = 3;
    public static final int READ_FIXED = 4;
    public static final int WRITE_FIXED = 5;
    /** Waits for events of a file: their mask is in {@code poll32_events}. */
    public static final int POLL_ADD = 6;
    /** {@code addr} is a {@code struct __kernel_timespec}, {@code len} 1; ends with {@code -ETIME} after that long. */
    public static final int TIMEOUT = 11;

    public static final int FALLOCATE = 17;
    public static final int READ = 22;
    public static final int WRITE = 23;
    public static final int URING_CMD = 46;

    /** {@code IOSQE_FIXED_FILE}: {@code fd} is an index into the ring's file table. */
    public static final int FIXED_FILE = 1;
    /** {@code IOSQE_ASYNC}: run by one of io_uring's own threads from the start. */
    public static final int ASYNC = 1 << 4;
    /** {@code IOSQE_BUFFER_SELECT}: the kernel takes a buffer of the group in {@code buf_group}, at BUF_INDEX. */
    public static final int BUFFER_SELECT = 1 << 5;
    /** {@code IOSQE_IO_LINK}: the next entry starts when this one has ended in full, else it is cancelled. */
    public static final int IO_LINK = 1 << 2;
    /** {@code IOSQE_IO_HARDLINK}: the next entry starts when this one has ended, however. */
    public static final int IO_HARDLINK = 1 << 3;
    /**
     * {@code IOSQE_CQE_SKIP_SUCCESS}: no completion when it ended in full; if not, the rest of the chain is silent. Not
     * for FSYNC and FALLOCATE: their errors count as success here, break no chain and are never heard of.
     */
    public static final int CQE_SKIP_SUCCESS = 1 << 6;

    /** {@code IORING_URING_CMD_MULTISHOT}, in {@code uring_cmd_flags}. */
    public static final int URING_CMD_MULTISHOT = 1 << 1;

    /** {@code IORING_POLL_ADD_MULTI}, in {@code len}: a completion for every wake-up, until it ends without F_MORE. */
    public static final int POLL_ADD_MULTI = 1;

    public static final int POLLIN = 1;
    public static final int POLLERR = 8;
    public static final int POLLHUP = 0x10;

    public static final int FSYNC_DATASYNC = 1;
    /** {@code RWF_DSYNC} (include/uapi/linux/fs.h). */
    public static final int RWF_DSYNC = 2;

    private Sqe() {}
}
