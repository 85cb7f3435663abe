package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.BlockLimits;
import java.lang.foreign.MemorySegment;

/** READ CAPACITY (SBC-3, 5.15, 5.16). */
final class Capacity {
    static final int SHORT_BYTES = 8;
    static final int LONG_BYTES = 32;

    private static final int LBPME = 0x80;
    private static final int LBPRZ = 0x40;

    private Capacity() {}

    static int writeShort(MemorySegment out, LogicalUnit unit) {
        BigEndian.put32(out, 0, Math.min(unit.blocks() - 1, 0xffffffffL));
        BigEndian.put32(out, 4, unit.blockBytes());
        return SHORT_BYTES;
    }

    static int writeLong(MemorySegment out, LogicalUnit unit) {
        BlockLimits limits = unit.limits();
        BigEndian.zero(out, 0, LONG_BYTES);
        BigEndian.put64(out, 0, unit.blocks() - 1);
        BigEndian.put32(out, 8, limits.logicalBytes());
        BigEndian.put8(out, 13, Integer.numberOfTrailingZeros(limits.physicalBytes() / limits.logicalBytes()));
        BigEndian.put8(out, 14, limits.discard() ? LBPME | LBPRZ : 0);
        return LONG_BYTES;
    }
}
