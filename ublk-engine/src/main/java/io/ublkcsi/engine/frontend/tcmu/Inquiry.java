package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.BlockLimits;
import java.lang.foreign.MemorySegment;

/** INQUIRY: standard data (SPC-4, 6.4.2) and vital product data (SPC-4, 7.8; SBC-3, 6.6). */
final class Inquiry {
    static final int SUPPORTED_PAGES = 0x00;
    static final int UNIT_SERIAL_NUMBER = 0x80;
    static final int DEVICE_IDENTIFICATION = 0x83;
    static final int BLOCK_LIMITS = 0xb0;
    static final int BLOCK_CHARACTERISTICS = 0xb1;
    static final int LOGICAL_BLOCK_PROVISIONING = 0xb2;

    /** The page is none of ours. */
    static final int NO_PAGE = -1;

    private static final int STANDARD_BYTES = 74;
    private static final int HEADER_BYTES = 4;
    private static final int BLOCK_LIMITS_BYTES = 64;
    private static final int REVISION_BYTES = 4;
    private static final int NAA_BYTES = 16;
    private static final int VENDOR_BYTES = 8;

    private Inquiry() {}

    /** Writes the standard data; answers its length. */
    static int writeStandard(MemorySegment out, LogicalUnit unit) {
        BigEndian.zero(out, 0, STANDARD_BYTES);
        BigEndian.put8(out, 2, 6); // VERSION: SPC-4
        BigEndian.put8(out, 3, 2); // RESPONSE DATA FORMAT
        BigEndian.put8(out, 4, STANDARD_BYTES - 5);
        BigEndian.put8(out, 7, 0x02); // CMDQUE
        BigEndian.putText(out, 8, LogicalUnit.VENDOR, VENDOR_BYTES);
        BigEndian.putText(out, 16, unit.identity().volume(), 16);
        BigEndian.putText(out, 32, "1", REVISION_BYTES);
        BigEndian.put16(out, 58, 0x00a0); // SAM-5
        BigEndian.put16(out, 60, 0x0460); // SPC-4
        BigEndian.put16(out, 62, 0x04c0); // SBC-3
        return STANDARD_BYTES;
    }

    /** Writes a page of vital product data; answers its length, or {@link #NO_PAGE}. */
    static int writePage(MemorySegment out, LogicalUnit unit, int page) {
        return switch (page) {
            case SUPPORTED_PAGES -> supportedPages(out);
            case UNIT_SERIAL_NUMBER -> serial(out, unit);
            case DEVICE_IDENTIFICATION -> identification(out, unit);
            case BLOCK_LIMITS -> blockLimits(out, unit);
            case BLOCK_CHARACTERISTICS -> characteristics(out, unit);
            case LOGICAL_BLOCK_PROVISIONING -> provisioning(out, unit);
            default -> NO_PAGE;
        };
    }

    private static int page(MemorySegment out, int page, int bytes) {
        BigEndian.zero(out, 0, bytes);
        BigEndian.put8(out, 1, page);
        BigEndian.put16(out, 2, bytes - HEADER_BYTES);
        return bytes;
    }

    private static int supportedPages(MemorySegment out) {
        int length = page(out, SUPPORTED_PAGES, HEADER_BYTES + 6);
        BigEndian.put8(out, 5, UNIT_SERIAL_NUMBER);
        BigEndian.put8(out, 6, DEVICE_IDENTIFICATION);
        BigEndian.put8(out, 7, BLOCK_LIMITS);
        BigEndian.put8(out, 8, BLOCK_CHARACTERISTICS);
        BigEndian.put8(out, 9, LOGICAL_BLOCK_PROVISIONING);
        return length;
    }

    private static int serial(MemorySegment out, LogicalUnit unit) {
        String serial = unit.identity().serial();
        int length = page(out, UNIT_SERIAL_NUMBER, HEADER_BYTES + serial.length());
        BigEndian.putText(out, HEADER_BYTES, serial, serial.length());
        return length;
    }

    /** Two names of the unit: NAA, binary; vendor and serial number, ASCII. */
    private static int identification(MemorySegment out, LogicalUnit unit) {
        String serial = unit.identity().serial();
        int vendorBytes = VENDOR_BYTES + serial.length();
        int length = page(out, DEVICE_IDENTIFICATION, HEADER_BYTES + 4 + NAA_BYTES + 4 + vendorBytes);
        BigEndian.put8(out, 4, 1);
        BigEndian.put8(out, 5, 3);
        BigEndian.put8(out, 7, NAA_BYTES);
        String name = unit.identity().unitName();
        BigEndian.put64(out, 8, Long.parseUnsignedLong(name, 0, 16, 16));
        BigEndian.put64(out, 16, Long.parseUnsignedLong(name, 16, 32, 16));
        BigEndian.put8(out, 24, 2);
        BigEndian.put8(out, 25, 1);
        BigEndian.put8(out, 27, vendorBytes);
        BigEndian.putText(out, 28, LogicalUnit.VENDOR, VENDOR_BYTES);
        BigEndian.putText(out, 28 + VENDOR_BYTES, serial, serial.length());
        return length;
    }

    private static int blockLimits(MemorySegment out, LogicalUnit unit) {
        BlockLimits limits = unit.limits();
        int length = page(out, BLOCK_LIMITS, BLOCK_LIMITS_BYTES);
        int granularity = limits.physicalBytes() / limits.logicalBytes();
        BigEndian.put8(out, 4, 1); // WSNZ: WRITE SAME of no blocks is refused
        BigEndian.put16(out, 6, granularity);
        BigEndian.put32(out, 8, unit.maxIoBlocks());
        BigEndian.put32(out, 12, Math.min(limits.optimalBytes() / limits.logicalBytes(), unit.maxIoBlocks()));
        if (limits.discard()) {
            BigEndian.put32(out, 20, unit.maxZeroingBlocks());
            BigEndian.put32(out, 24, LogicalUnit.MAX_UNMAP_DESCRIPTORS);
            BigEndian.put32(out, 28, granularity);
            BigEndian.put32(out, 32, 0x80000000L); // UGAVALID, alignment 0
        }
        if (limits.writeZeroes()) {
            BigEndian.put64(out, 36, unit.maxZeroingBlocks());
        }
        return length;
    }

    private static int characteristics(MemorySegment out, LogicalUnit unit) {
        int length = page(out, BLOCK_CHARACTERISTICS, BLOCK_LIMITS_BYTES);
        BigEndian.put16(out, 4, unit.limits().rotational() ? 0 : 1);
        return length;
    }

    private static int provisioning(MemorySegment out, LogicalUnit unit) {
        int length = page(out, LOGICAL_BLOCK_PROVISIONING, HEADER_BYTES + 4);
        if (unit.limits().discard()) {
            BigEndian.put8(out, 5, unit.limits().writeZeroes() ? 0xe4 : 0x84); // LBPU, LBPWS, LBPWS10; LBPRZ
            BigEndian.put8(out, 6, 2); // thin
        }
        return length;
    }
}
