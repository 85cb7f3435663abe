package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * A command descriptor block of up to 16 bytes (SPC-4, 4.2.5), copied out of memory that others may write to. Numbers
 * in it are big-endian. One a queue, used again for every command.
 */
final class Cdb {
    static final int MAX_BYTES = 16;

    private long first;
    private long second;
    private int available;

    /** Copies {@code bytes} at {@code offset}; what is behind them reads as 0. */
    void read(MemorySegment from, long offset, int bytes) {
        available = Math.min(bytes, MAX_BYTES);
        first = word(from, offset, Math.min(available, 8));
        second = word(from, offset + 8, available - 8);
    }

    private static long word(MemorySegment from, long offset, int bytes) {
        long word = 0;
        for (int i = 0; i < bytes; i++) {
            word |= (from.get(Memory.BYTE, offset + i) & 0xffL) << (56 - 8 * i);
        }
        return word;
    }

    /** Unsigned. */
    int u8(int index) {
        return (int) ((index < 8 ? first >>> (56 - 8 * index) : second >>> (120 - 8 * index)) & 0xff);
    }

    boolean bit(int index, int mask) {
        return (u8(index) & mask) != 0;
    }

    int u16(int index) {
        return u8(index) << 8 | u8(index + 1);
    }

    long u32(int index) {
        return (long) u16(index) << 16 | u16(index + 2);
    }

    long u64(int index) {
        return u32(index) << 32 | u32(index + 4);
    }

    int opcode() {
        return u8(0);
    }

    /** Whether all of the block is there that its operation code's group asks for; vendor groups never are. */
    boolean isWhole() {
        int length = length(opcode());
        return length != 0 && length <= available;
    }

    /** Bytes of a CDB by the group of its operation code; 0: a group that we take nothing of. */
    static int length(int opcode) {
        return switch (opcode >>> 5) {
            case 0 -> 6;
            case 1, 2 -> 10;
            case 4 -> 16;
            case 5 -> 12;
            default -> 0;
        };
    }
}
