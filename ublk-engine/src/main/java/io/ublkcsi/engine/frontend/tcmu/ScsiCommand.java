package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a CDB asks of a unit: refuses it, answers it from what the unit says of itself, or names the I/O that has to be
 * done. One a queue, used again for every command; allocates nothing. Owned by the queue's thread.
 */
final class ScsiCommand {
    /** Ends with {@link #sense}. */
    static final int REFUSED = 0;
    /** Ends well, with {@link #answerBytes} of {@link #answer}; perhaps none. */
    static final int ANSWERED = 1;

    static final int READ = 2;
    static final int WRITE = 3;
    static final int FLUSH = 4;
    static final int UNMAP = 5;
    static final int WRITE_SAME = 6;

    private static final int PROTECT = 0xe0;
    private static final int FUA = 0x08;
    private static final int UNMAP_BIT = 0x08;
    private static final int ANCHOR = 0x10;
    private static final int NDOB = 0x01;
    private static final int NACA = 0x04;

    private final LogicalUnit unit;
    private final MemorySegment answer =
            Arena.ofAuto().allocate(Memory.roundUp(SupportedOpcodes.MAX_BYTES, Memory.PAGE_BYTES), Long.BYTES);

    private int kind;
    private int sense;
    private long senseLba;
    private int answerBytes;
    private long lba;
    private long blocks;
    private boolean durable;
    private boolean unmaps;
    private boolean withoutData;

    ScsiCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    int kind() {
        return kind;
    }

    /** Why it was refused. */
    int sense() {
        return sense;
    }

    /** The block that {@link #sense} is about, or -1. */
    long senseLba() {
        return senseLba;
    }

    MemorySegment answer() {
        return answer;
    }

    int answerBytes() {
        return answerBytes;
    }

    /** First block. */
    long lba() {
        return lba;
    }

    long blocks() {
        return blocks;
    }

    /** FUA: on the medium before it is acknowledged. */
    boolean isDurable() {
        return durable;
    }

    /** A WRITE SAME that gives its blocks back. */
    boolean unmaps() {
        return unmaps;
    }

    /** A WRITE SAME of zeroes that brings no block of data (NDOB). */
    boolean isWithoutData() {
        return withoutData;
    }

    /** Takes a command in; everything else of this object is about it afterwards. */
    void decode(Cdb cdb) {
        sense = Sense.NONE;
        senseLba = -1;
        answerBytes = 0;
        lba = 0;
        blocks = 0;
        durable = false;
        unmaps = false;
        withoutData = false;
        if (!cdb.isWhole()) {
            refuse(Sense.INVALID_OPERATION_CODE);
        } else if (cdb.bit(Cdb.length(cdb.opcode()) - 1, NACA)) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else {
            decodeWhole(cdb);
        }
    }

    private void decodeWhole(Cdb cdb) {
        switch (cdb.opcode()) {
            case Opcode.TEST_UNIT_READY -> answer(0, 0);
            case Opcode.INQUIRY -> inquiry(cdb);
            case Opcode.MODE_SENSE_6 -> modeSense(cdb, false, cdb.u8(4));
            case Opcode.MODE_SENSE_10 -> modeSense(cdb, true, cdb.u16(7));
            case Opcode.READ_CAPACITY_10 -> answer(Capacity.writeShort(answer, unit), Capacity.SHORT_BYTES);
            case Opcode.SERVICE_ACTION_IN_16 -> serviceActionIn(cdb);
            case Opcode.MAINTENANCE_IN -> maintenanceIn(cdb);
            case Opcode.READ_6, Opcode.WRITE_6 -> transfer6(cdb);
            case Opcode.READ_10, Opcode.WRITE_10 -> transfer(cdb, cdb.u32(2), cdb.u16(7));
            case Opcode.READ_12, Opcode.WRITE_12 -> transfer(cdb, cdb.u32(2), cdb.u32(6));
            case Opcode.READ_16, Opcode.WRITE_16 -> transfer(cdb, cdb.u64(2), cdb.u32(10));
            case Opcode.SYNCHRONIZE_CACHE_10 -> flush(cdb.u32(2), cdb.u16(7));
            case Opcode.SYNCHRONIZE_CACHE_16 -> flush(cdb.u64(2), cdb.u32(10));
            case Opcode.UNMAP -> unmap(cdb);
            case Opcode.WRITE_SAME_10 -> writeSame(cdb, cdb.u32(2), cdb.u16(7), false);
            case Opcode.WRITE_SAME_16 -> writeSame(cdb, cdb.u64(2), cdb.u32(10), cdb.bit(1, NDOB));
            default -> refuse(Sense.INVALID_OPERATION_CODE);
        }
    }

    private void refuse(int why) {
        kind = REFUSED;
        sense = why;
    }

    /** Cuts an answer to what there is room for at the initiator. */
    private void answer(int bytes, long allocationLength) {
        kind = ANSWERED;
        answerBytes = (int) Math.min(bytes, allocationLength);
    }

    private void inquiry(Cdb cdb) {
        boolean vital = cdb.bit(1, 1);
        int page = cdb.u8(2);
        if (!vital && page != 0 || cdb.bit(1, 2)) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
            return;
        }
        int bytes = vital ? Inquiry.writePage(answer, unit, page) : Inquiry.writeStandard(answer, unit);
        if (bytes == Inquiry.NO_PAGE) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else {
            answer(bytes, cdb.u16(3));
        }
    }

    private void modeSense(Cdb cdb, boolean ten, int allocationLength) {
        int control = cdb.u8(2) >>> 6;
        int page = cdb.u8(2) & 0x3f;
        if (!ModePages.has(page, cdb.u8(3))) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else if (control == ModePages.SAVED) {
            refuse(Sense.SAVING_PARAMETERS_NOT_SUPPORTED);
        } else {
            boolean descriptorsOff = cdb.bit(1, 0x08);
            boolean longLba = ten && cdb.bit(1, 0x10);
            int descriptor = descriptorsOff ? 0 : longLba ? 16 : 8;
            answer(ModePages.write(answer, unit, ten, descriptor, page, control), allocationLength);
        }
    }

    private void serviceActionIn(Cdb cdb) {
        if ((cdb.u8(1) & 0x1f) == Opcode.READ_CAPACITY_16) {
            answer(Capacity.writeLong(answer, unit), cdb.u32(10));
        } else {
            refuse(Sense.INVALID_OPERATION_CODE);
        }
    }

    private void maintenanceIn(Cdb cdb) {
        if ((cdb.u8(1) & 0x1f) != Opcode.REPORT_SUPPORTED_OPERATION_CODES) {
            refuse(Sense.INVALID_OPERATION_CODE);
            return;
        }
        int bytes = SupportedOpcodes.write(answer, cdb.u8(2) & 7, cdb.bit(2, 0x80), cdb.u8(3), cdb.u16(4));
        if (bytes == SupportedOpcodes.REFUSED) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else {
            answer(bytes, cdb.u32(6));
        }
    }

    private void transfer6(Cdb cdb) {
        long first = (long) (cdb.u8(1) & 0x1f) << 16 | cdb.u16(2);
        int count = cdb.u8(4) == 0 ? 256 : cdb.u8(4);
        transfer(cdb.opcode() == Opcode.WRITE_6, first, count);
    }

    private void transfer(Cdb cdb, long first, long count) {
        if ((cdb.u8(1) & PROTECT) != 0) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
            return;
        }
        durable = cdb.bit(1, FUA);
        int opcode = cdb.opcode();
        transfer(opcode == Opcode.WRITE_10 || opcode == Opcode.WRITE_12 || opcode == Opcode.WRITE_16, first, count);
    }

    private void transfer(boolean write, long first, long count) {
        if (write && isProtected() || !takeRange(first, count)) {
            return;
        }
        if (count > unit.maxIoBlocks()) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else if (count == 0) {
            answer(0, 0);
        } else {
            kind = write ? WRITE : READ;
        }
    }

    private boolean isProtected() {
        boolean readOnly = unit.limits().readOnly();
        if (readOnly) {
            refuse(Sense.WRITE_PROTECTED);
        }
        return readOnly;
    }

    /** Notes which blocks are meant; false, and refused, when they are not all there. */
    private boolean takeRange(long first, long count) {
        long there = unit.blocks();
        if (first < 0 || first > there || count > there - first || first == there && count == 0 && there != 0) {
            refuse(Sense.LBA_OUT_OF_RANGE);
            senseLba = first;
            return false;
        }
        lba = first;
        blocks = count;
        return true;
    }

    /** The whole cache is written out, whichever blocks are meant. */
    private void flush(long first, long count) {
        if (takeRange(first, count)) {
            kind = FLUSH;
        }
    }

    private void unmap(Cdb cdb) {
        int listBytes = cdb.u16(7);
        BlockLimits limits = unit.limits();
        if (!limits.discard()) {
            refuse(Sense.INVALID_OPERATION_CODE);
        } else if (cdb.bit(1, 1)) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else if (isProtected()) {
            return;
        } else if (listBytes == 0) {
            answer(0, 0);
        } else {
            kind = UNMAP;
            blocks = listBytes;
        }
    }

    /** Of an UNMAP: bytes of its parameter list. */
    int listBytes() {
        return (int) blocks;
    }

    private void writeSame(Cdb cdb, long first, long count, boolean noData) {
        BlockLimits limits = unit.limits();
        unmaps = cdb.bit(1, UNMAP_BIT);
        withoutData = noData;
        if (!limits.writeZeroes()) {
            refuse(Sense.INVALID_OPERATION_CODE);
        } else if ((cdb.u8(1) & (PROTECT | ANCHOR)) != 0 || unmaps && !limits.discard()) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else if (isProtected() || !takeRange(first, count)) {
            return;
        } else if (count == 0 || count > unit.maxZeroingBlocks()) {
            refuse(Sense.INVALID_FIELD_IN_CDB);
        } else {
            kind = WRITE_SAME;
        }
    }
}
