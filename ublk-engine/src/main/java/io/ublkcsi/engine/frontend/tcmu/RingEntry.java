package io.ublkcsi.engine.frontend.tcmu;

/**
 * {@code struct tcmu_cmd_entry} (include/uapi/linux/target_core_user.h): a header, then either the request or, in its
 * place, the response.
 */
final class RingEntry {
    static final int LENGTH = 112;
    /** Length, a multiple of 8, with the kind of entry in the bits below. */
    static final int LEN_OP = 0;

    static final int CMD_ID = 4;
    static final int UFLAGS = 7;

    static final int IOV_CNT = 8;
    static final int IOV_BIDI_CNT = 12;
    static final int IOV_DIF_CNT = 16;
    /** From the start of the mapping. */
    static final int CDB_OFF = 24;
    /** {@code struct iovec}s whose bases count from the start of the mapping. */
    static final int IOV = 48;

    static final int SCSI_STATUS = 8;
    static final int READ_LEN = 12;
    static final int SENSE_BUFFER = 16;

    static final int SENSE_BUFFERSIZE = 96;

    static final int OP_MASK = 7;
    static final int OP_PAD = 0;
    static final int OP_CMD = 1;
    static final int OP_TMR = 2;
    static final int OP_ALIGN_SIZE = 8;

    static final int UFLAG_UNKNOWN_OP = 1;
    static final int UFLAG_READ_LEN = 2;

    private RingEntry() {}
}
