package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers as SCSI writes them; no alignment is asked for. */
final class BigEndian {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    static void put8(MemorySegment out, long at, int value) {
        out.set(Memory.BYTE, at, (byte) value);
    }

    static void put16(MemorySegment out, long at, int value) {
        out.set(U16, at, (short) value);
    }

    static void put24(MemorySegment out, long at, int value) {
        put8(out, at, value >>> 16);
        put16(out, at + 1, value);
    }

    static void put32(MemorySegment out, long at, long value) {
        out.set(U32, at, (int) value);
    }

    static void put64(MemorySegment out, long at, long value) {
        out.set(U64, at, value);
    }

    static int get16(MemorySegment in, long at) {
        return in.get(U16, at) & 0xffff;
    }

    static long get32(MemorySegment in, long at) {
        return in.get(U32, at) & 0xffffffffL;
    }

    static long get64(MemorySegment in, long at) {
        return in.get(U64, at);
    }

    static void zero(MemorySegment out, long at, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.set(Memory.BYTE, at + i, (byte) 0);
        }
    }

    /** Latin letters, cut or padded with spaces to {@code bytes}. */
    static void putText(MemorySegment out, long at, String text, int bytes) {
        for (int i = 0; i < bytes; i++) {
            put8(out, at + i, i < text.length() ? text.charAt(i) : ' ');
        }
    }
}
