package io.ublkcsi.engine.frontend.tcmu;

/** {@code struct tcmu_mailbox} (include/uapi/linux/target_core_user.h): the start of the memory that both share. */
final class Mailbox {
    static final int LENGTH = 128;
    static final int VERSION = 0;
    static final int FLAGS = 2;
    static final int CMDR_OFF = 4;
    static final int CMDR_SIZE = 8;
    /** Where the kernel puts the next entry; written by the kernel. */
    static final int CMD_HEAD = 12;
    /** Up to where we have completed; written by us. */
    static final int CMD_TAIL = 64;

    /** {@code TCMU_MAILBOX_VERSION}: the only version there is. */
    static final int VERSION_2 = 2;

    /** Commands may be completed out of their order. */
    static final int FLAG_CAP_OOOC = 1;
    /** A completion may say how much was read. */
    static final int FLAG_CAP_READ_LEN = 2;

    private Mailbox() {}
}
