package io.ublkcsi.engine.frontend.ublk;

/**
 * Commands of the ublk driver, ioctl-encoded: {@code dir << 30 | size << 16 | 'u' << 8 | number}
 * (include/uapi/linux/ublk_cmd.h). The kernel accepts wrong direction bits, so a test compares the numbers.
 */
public final class UblkOpcode {
    private static final int READ = 2;
    private static final int READ_WRITE = 3;

    public static final int GET_QUEUE_AFFINITY = control(READ, 0x01);
    public static final int ADD_DEV = control(READ_WRITE, 0x04);
    public static final int DEL_DEV = control(READ_WRITE, 0x05);
    public static final int START_DEV = control(READ_WRITE, 0x06);
    public static final int STOP_DEV = control(READ_WRITE, 0x07);
    public static final int SET_PARAMS = control(READ_WRITE, 0x08);
    public static final int GET_PARAMS = control(READ, 0x09);
    public static final int START_USER_RECOVERY = control(READ_WRITE, 0x10);
    public static final int END_USER_RECOVERY = control(READ_WRITE, 0x11);
    public static final int GET_DEV_INFO2 = control(READ, 0x12);
    public static final int GET_FEATURES = control(READ, 0x13);
    public static final int DEL_DEV_ASYNC = control(READ, 0x14);
    public static final int UPDATE_SIZE = control(READ_WRITE, 0x15);
    public static final int QUIESCE_DEV = control(READ_WRITE, 0x16);
    public static final int TRY_STOP_DEV = control(READ_WRITE, 0x17);

    public static final int FETCH_REQ = queue(0x20);
    public static final int COMMIT_AND_FETCH_REQ = queue(0x21);
    public static final int REGISTER_IO_BUF = queue(0x23);
    public static final int UNREGISTER_IO_BUF = queue(0x24);
    public static final int PREP_IO_CMDS = queue(0x25);
    public static final int COMMIT_IO_CMDS = queue(0x26);
    public static final int FETCH_IO_CMDS = queue(0x27);

    private UblkOpcode() {}

    private static int control(int direction, int number) {
        return encode(direction, CtrlCommand.LENGTH, number);
    }

    private static int queue(int number) {
        return encode(READ_WRITE, IoCommand.LENGTH, number);
    }

    private static int encode(int direction, int size, int number) {
        return direction << 30 | size << 16 | 'u' << 8 | number;
    }

    /** The kernel's name, for messages. */
    public static String name(int opcode) {
        return switch (opcode & 0xff) {
            case 0x01 -> "GET_QUEUE_AFFINITY";
            case 0x04 -> "ADD_DEV";
            case 0x05 -> "DEL_DEV";
            case 0x06 -> "START_DEV";
            case 0x07 -> "STOP_DEV";
            case 0x08 -> "SET_PARAMS";
            case 0x09 -> "GET_PARAMS";
            case 0x10 -> "START_USER_RECOVERY";
            case 0x11 -> "END_USER_RECOVERY";
            case 0x12 -> "GET_DEV_INFO2";
            case 0x13 -> "GET_FEATURES";
            case 0x14 -> "DEL_DEV_ASYNC";
            case 0x15 -> "UPDATE_SIZE";
            case 0x16 -> "QUIESCE_DEV";
            case 0x17 -> "TRY_STOP_DEV";
            default -> "command 0x" + Integer.toHexString(opcode & 0xff);
        };
    }
}
