package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Sense data: what went wrong, as {@code key << 16 | code << 8 | qualifier} (SPC-4, 4.5, annex D), and its form on the
 * wire.
 */
final class Sense {
    /** Nothing went wrong. */
    static final int NONE = 0;

    static final int UNRECOVERED_READ_ERROR = 0x03_11_00;
    static final int WRITE_ERROR = 0x03_0c_00;
    static final int INTERNAL_TARGET_FAILURE = 0x04_44_00;
    static final int PARAMETER_LIST_LENGTH_ERROR = 0x05_1a_00;
    static final int INVALID_OPERATION_CODE = 0x05_20_00;
    static final int LBA_OUT_OF_RANGE = 0x05_21_00;
    static final int INVALID_FIELD_IN_CDB = 0x05_24_00;
    static final int INVALID_FIELD_IN_PARAMETER_LIST = 0x05_26_00;
    static final int SAVING_PARAMETERS_NOT_SUPPORTED = 0x05_39_00;
    static final int WRITE_PROTECTED = 0x07_27_00;
    static final int SPACE_ALLOCATION_FAILED = 0x07_27_07;
    /** The initiator may try again. */
    static final int COMMAND_ABORTED = 0x0b_00_00;

    static final int FIXED_BYTES = 18;
    static final int DESCRIPTOR_BYTES = 20;

    private static final int FIXED_CURRENT = 0x70;
    private static final int DESCRIPTOR_CURRENT = 0x72;
    private static final byte VALID = (byte) 0x80;
    private static final int NO_LBA = -1;

    private Sense() {}

    /**
     * Writes fixed or descriptor format sense data.
     *
     * @param lba the block that it is about, or -1
     * @param descriptors the unit answers in descriptor format, as its control mode page says (D_SENSE)
     * @return its length
     */
    static int write(MemorySegment out, int sense, long lba, boolean descriptors) {
        return descriptors ? writeDescriptors(out, sense, lba) : writeFixed(out, sense, lba);
    }

    private static int writeFixed(MemorySegment out, int sense, long lba) {
        BigEndian.zero(out, 0, FIXED_BYTES);
        boolean valid = lba != NO_LBA && lba <= 0xffffffffL;
        BigEndian.put8(out, 0, FIXED_CURRENT | (valid ? VALID : 0));
        BigEndian.put8(out, 2, sense >>> 16);
        if (valid) {
            BigEndian.put32(out, 3, lba);
        }
        BigEndian.put8(out, 7, FIXED_BYTES - 8);
        BigEndian.put8(out, 12, sense >>> 8);
        BigEndian.put8(out, 13, sense);
        return FIXED_BYTES;
    }

    private static int writeDescriptors(MemorySegment out, int sense, long lba) {
        BigEndian.zero(out, 0, DESCRIPTOR_BYTES);
        BigEndian.put8(out, 0, DESCRIPTOR_CURRENT);
        BigEndian.put8(out, 1, sense >>> 16);
        BigEndian.put8(out, 2, sense >>> 8);
        BigEndian.put8(out, 3, sense);
        if (lba == NO_LBA) {
            return 8;
        }
        BigEndian.put8(out, 7, DESCRIPTOR_BYTES - 8);
        // The information descriptor (4.5.2.2): type 0, 10 more bytes, valid.
        BigEndian.put8(out, 9, 0x0a);
        out.set(Memory.BYTE, 10, VALID);
        BigEndian.put64(out, 12, lba);
        return DESCRIPTOR_BYTES;
    }
}
