package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.BlockLimits;
import java.lang.foreign.MemorySegment;

/** MODE SENSE (SPC-4, 6.11, 6.12): the caching page (SBC-3, 6.5.5) and the control page (SPC-4, 7.5.8). */
final class ModePages {
    static final int CACHING = 0x08;
    static final int CONTROL = 0x0a;
    static final int ALL = 0x3f;
    static final int ALL_SUBPAGES = 0xff;

    /** Page control field: which of a page's values are asked for. */
    static final int CHANGEABLE = 1;

    static final int SAVED = 3;

    private static final int CACHING_BYTES = 20;
    private static final int CONTROL_BYTES = 12;
    private static final int SHORT_HEADER_BYTES = 4;
    private static final int LONG_HEADER_BYTES = 8;
    private static final int WRITE_PROTECT = 0x80;
    private static final int DPOFUA = 0x10;
    private static final int WCE = 0x04;
    private static final int D_SENSE = 0x04;

    private ModePages() {}

    static boolean has(int page, int subpage) {
        boolean known = page == CACHING || page == CONTROL || page == ALL;
        return known && (subpage == 0 || subpage == ALL_SUBPAGES);
    }

    /**
     * Writes the answer to MODE SENSE; answers its length.
     *
     * @param ten the command was MODE SENSE(10), whose header is the longer one
     * @param descriptor bytes of the block descriptor: 0, 8, or 16 after MODE SENSE(10)
     */
    static int write(MemorySegment out, LogicalUnit unit, boolean ten, int descriptor, int page, int control) {
        int header = ten ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
        BigEndian.zero(out, 0, header);
        int at = header + writeDescriptor(out, header, unit, descriptor);
        if (page == CACHING || page == ALL) {
            at += writeCaching(out, at, unit, control);
        }
        if (page == CONTROL || page == ALL) {
            at += writeControl(out, at, unit, control);
        }
        int specific = (unit.limits().readOnly() ? WRITE_PROTECT : 0) | DPOFUA;
        if (ten) {
            BigEndian.put16(out, 0, at - 2);
            BigEndian.put8(out, 3, specific);
            BigEndian.put8(out, 4, descriptor == 16 ? 1 : 0); // LONGLBA
            BigEndian.put16(out, 6, descriptor);
        } else {
            BigEndian.put8(out, 0, at - 1);
            BigEndian.put8(out, 2, specific);
            BigEndian.put8(out, 3, descriptor);
        }
        return at;
    }

    private static int writeDescriptor(MemorySegment out, int at, LogicalUnit unit, int bytes) {
        BlockLimits limits = unit.limits();
        BigEndian.zero(out, at, bytes);
        if (bytes == 8) {
            BigEndian.put32(out, at, Math.min(unit.blocks(), 0xffffffffL));
            BigEndian.put24(out, at + 5, limits.logicalBytes());
        } else if (bytes == 16) {
            BigEndian.put64(out, at, unit.blocks());
            BigEndian.put32(out, at + 12, limits.logicalBytes());
        }
        return bytes;
    }

    private static int writeCaching(MemorySegment out, int at, LogicalUnit unit, int control) {
        BigEndian.zero(out, at, CACHING_BYTES);
        BigEndian.put8(out, at, CACHING);
        BigEndian.put8(out, at + 1, CACHING_BYTES - 2);
        if (control != CHANGEABLE && unit.limits().volatileCache()) {
            BigEndian.put8(out, at + 2, WCE);
        }
        return CACHING_BYTES;
    }

    private static int writeControl(MemorySegment out, int at, LogicalUnit unit, int control) {
        BigEndian.zero(out, at, CONTROL_BYTES);
        BigEndian.put8(out, at, CONTROL);
        BigEndian.put8(out, at + 1, CONTROL_BYTES - 2);
        if (control != CHANGEABLE) {
            BigEndian.put8(out, at + 2, unit.describesSense() ? D_SENSE : 0);
            BigEndian.put8(out, at + 3, 0x10); // QUEUE ALGORITHM MODIFIER: commands may be reordered
            BigEndian.put16(out, at + 8, 0xffff); // BUSY TIMEOUT PERIOD: no limit
        }
        return CONTROL_BYTES;
    }
}
