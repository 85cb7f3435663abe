package io.ublkcsi.engine.frontend.tcmu;

/** Operation codes of the commands that we serve (SPC-4, SBC-3), and the two that have service actions. */
final class Opcode {
    static final int TEST_UNIT_READY = 0x00;
    static final int READ_6 = 0x08;
    static final int WRITE_6 = 0x0a;
    static final int INQUIRY = 0x12;
    static final int MODE_SENSE_6 = 0x1a;
    static final int READ_CAPACITY_10 = 0x25;
    static final int READ_10 = 0x28;
    static final int WRITE_10 = 0x2a;
    static final int SYNCHRONIZE_CACHE_10 = 0x35;
    static final int WRITE_SAME_10 = 0x41;
    static final int UNMAP = 0x42;
    static final int MODE_SENSE_10 = 0x5a;
    static final int READ_16 = 0x88;
    static final int WRITE_16 = 0x8a;
    static final int SYNCHRONIZE_CACHE_16 = 0x91;
    static final int WRITE_SAME_16 = 0x93;
    static final int SERVICE_ACTION_IN_16 = 0x9e;
    static final int MAINTENANCE_IN = 0xa3;
    static final int READ_12 = 0xa8;
    static final int WRITE_12 = 0xaa;

    /** Of {@link #SERVICE_ACTION_IN_16}. */
    static final int READ_CAPACITY_16 = 0x10;
    /** Of {@link #MAINTENANCE_IN}. */
    static final int REPORT_SUPPORTED_OPERATION_CODES = 0x0c;

    private Opcode() {}
}
