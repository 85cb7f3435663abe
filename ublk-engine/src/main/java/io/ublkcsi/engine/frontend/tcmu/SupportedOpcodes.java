package io.ublkcsi.engine.frontend.tcmu;

import java.lang.foreign.MemorySegment;

/** REPORT SUPPORTED OPERATION CODES (SPC-4, 6.35): which commands there are, and which bits of their CDBs matter. */
final class SupportedOpcodes {
    /** Reporting options. */
    static final int EVERYTHING = 0;

    static final int ONE_OPERATION_CODE = 1;
    static final int ONE_SERVICE_ACTION = 2;
    static final int ONE_EITHER = 3;

    /** The question does not fit the operation code. */
    static final int REFUSED = -1;

    private static final int NO_ACTION = -1;
    private static final int NO_TIMEOUTS_BYTES = 12;
    private static final int SUPPORTED = 3;
    private static final int NOT_SUPPORTED = 1;

    /**
     * A command's CDB, a bit set for each that is looked at; the first byte is its operation code.
     *
     * @param action its service action, or {@link #NO_ACTION}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Usage(int action, byte[] cdb) {
        int opcode() {
            return cdb[0] & 0xff;
        }
    }

    private static final Usage[] ALL = {
        usage("00 00 00 00 00 04"),
        usage("08 1f ff ff ff 04"),
        usage("0a 1f ff ff ff 04"),
        usage("12 01 ff ff ff 04"),
        usage("1a 08 ff ff ff 04"),
        usage("25 00 00 00 00 00 00 00 00 04"),
        usage("28 18 ff ff ff ff 00 ff ff 04"),
        usage("2a 18 ff ff ff ff 00 ff ff 04"),
        usage("35 02 ff ff ff ff 00 ff ff 04"),
        usage("41 08 ff ff ff ff 00 ff ff 04"),
        usage("42 00 00 00 00 00 00 ff ff 04"),
        usage("5a 18 ff ff 00 00 00 ff ff 04"),
        usage("88 18 ff ff ff ff ff ff ff ff ff ff ff ff 00 04"),
        usage("8a 18 ff ff ff ff ff ff ff ff ff ff ff ff 00 04"),
        usage("91 02 ff ff ff ff ff ff ff ff ff ff ff ff 00 04"),
        usage("93 09 ff ff ff ff ff ff ff ff ff ff ff ff 00 04"),
        action(Opcode.READ_CAPACITY_16, "9e 1f 00 00 00 00 00 00 00 00 ff ff ff ff 00 04"),
        action(Opcode.REPORT_SUPPORTED_OPERATION_CODES, "a3 1f 87 ff ff ff ff ff ff ff 00 04"),
        usage("a8 18 ff ff ff ff ff ff ff ff 00 04"),
        usage("aa 18 ff ff ff ff ff ff ff ff 00 04"),
    };

    /** Room for the longest answer. */
    static final int MAX_BYTES = 4 + ALL.length * (8 + NO_TIMEOUTS_BYTES);

    private SupportedOpcodes() {}

    private static Usage usage(String hex) {
        return action(NO_ACTION, hex);
    }

    private static Usage action(int action, String hex) {
        return new Usage(action, java.util.HexFormat.ofDelimiter(" ").parseHex(hex));
    }

    /**
     * Writes the answer; answers its length, or {@link #REFUSED}.
     *
     * @param timeouts a descriptor of time-outs is wanted with each command (RCTD); ours are all unspecified
     */
    static int write(MemorySegment out, int option, boolean timeouts, int opcode, int action) {
        if (option == EVERYTHING) {
            return writeAll(out, timeouts);
        }
        Usage found = null;
        for (Usage usage : ALL) {
            if (usage.opcode() == opcode) {
                boolean hasAction = usage.action() != NO_ACTION;
                if (hasAction && option == ONE_OPERATION_CODE || !hasAction && option == ONE_SERVICE_ACTION) {
                    return REFUSED;
                }
                found = !hasAction || usage.action() == action ? usage : null;
            }
        }
        return option > ONE_EITHER ? REFUSED : writeOne(out, found, timeouts);
    }

    private static int writeAll(MemorySegment out, boolean timeouts) {
        int at = 4;
        for (Usage usage : ALL) {
            boolean hasAction = usage.action() != NO_ACTION;
            BigEndian.zero(out, at, 8);
            BigEndian.put8(out, at, usage.opcode());
            BigEndian.put16(out, at + 2, hasAction ? usage.action() : 0);
            BigEndian.put8(out, at + 5, (hasAction ? 1 : 0) | (timeouts ? 2 : 0)); // SERVACTV, CTDP
            BigEndian.put16(out, at + 6, usage.cdb().length);
            at += 8 + (timeouts ? writeTimeouts(out, at + 8) : 0);
        }
        BigEndian.put32(out, 0, at - 4);
        return at;
    }

    private static int writeOne(MemorySegment out, @org.jspecify.annotations.Nullable Usage usage, boolean timeouts) {
        BigEndian.zero(out, 0, 4);
        if (usage == null) {
            BigEndian.put8(out, 1, NOT_SUPPORTED);
            return 4;
        }
        BigEndian.put8(out, 1, SUPPORTED | (timeouts ? 0x80 : 0));
        BigEndian.put16(out, 2, usage.cdb().length);
        for (int i = 0; i < usage.cdb().length; i++) {
            BigEndian.put8(out, 4 + i, usage.cdb()[i]);
        }
        int at = 4 + usage.cdb().length;
        return at + (timeouts ? writeTimeouts(out, at) : 0);
    }

    private static int writeTimeouts(MemorySegment out, int at) {
        BigEndian.zero(out, at, NO_TIMEOUTS_BYTES);
        BigEndian.put16(out, at, NO_TIMEOUTS_BYTES - 2);
        return NO_TIMEOUTS_BYTES;
    }
}
