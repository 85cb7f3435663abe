package io.ublkcsi.engine.frontend.ublk;

/** {@code struct ublksrv_ctrl_cmd} (include/uapi/linux/ublk_cmd.h), at offset 48 of a 128-byte submission. */
public final class CtrlCommand {
    public static final int LENGTH = 32;
    public static final int DEV_ID = 0;
    public static final int QUEUE_ID = 4;
    public static final int LEN = 6;
    public static final int ADDR = 8;
    public static final int DATA = 16;
    public static final int DEV_PATH_LEN = 24;

    /** {@code queue_id} of a command that is not for one queue. */
    public static final short NO_QUEUE = -1;

    private CtrlCommand() {}
}
