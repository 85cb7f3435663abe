package io.ublkcsi.engine.frontend.ublk;

/** {@code struct ublksrv_io_cmd} (include/uapi/linux/ublk_cmd.h), at offset 48 of a submission, as two words. */
public final class IoCommand {
    public static final int LENGTH = 16;
    public static final int Q_ID = 0;
    public static final int TAG = 2;
    public static final int RESULT = 4;
    public static final int ADDR = 8;

    private IoCommand() {}

    /** Queue, tag and result: the first of the two words. The second is {@code addr}. */
    static long word(int queue, int tag, int result) {
        return (long) result << 32 | (long) tag << 16 | queue;
    }
}
