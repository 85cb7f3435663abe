package io.ublkcsi.engine.frontend.tcmu;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/**
 * A million rings that no kernel would make. The mapping is a piece in the middle of a larger one whose ends are
 * watched: nothing may be written there, and what is read must lie inside, which the segment's own bounds hold.
 */
class HostileRingTest {
    private static final int RINGS = 1_000_000;
    private static final int MAP_BYTES = 4096;
    private static final int RING_BYTES = 1024;
    private static final int GUARD_BYTES = 4096;
    private static final int DEPTH = 8;
    private static final int MAX_SEGMENTS = 4;
    private static final long UNTOUCHED = 0x5a5a5a5a5a5a5a5aL;

    private final MemorySegment all = Arena.ofAuto().allocate(MAP_BYTES + 2L * GUARD_BYTES, 4096);
    private final MemorySegment map = all.asSlice(GUARD_BYTES, MAP_BYTES);
    private final MemorySegment sense = Arena.ofAuto().allocate(RingEntry.SENSE_BUFFERSIZE, 8);
    private int broken;
    private int taken;

    @Test
    void aMillionHostileRingsTouchNothingOutside() {
        long seed = SeededRandom.freshSeed();
        SeededRandom random = new SeededRandom(seed);
        all.asSlice(0, GUARD_BYTES).fill((byte) 0x5a);
        all.asSlice(GUARD_BYTES + MAP_BYTES, GUARD_BYTES).fill((byte) 0x5a);
        for (int ring = 0; ring < RINGS; ring++) {
            try {
                write(random);
                serve(random);
            } catch (RingBrokenException refused) {
                broken++;
            } catch (RuntimeException failure) {
                throw new AssertionError(SeededRandom.replay(seed) + ", ring " + ring + ": " + failure, failure);
            }
        }
        for (long at = 0; at < GUARD_BYTES; at += 8) {
            assertThat(all.get(Memory.LONG, at)).isEqualTo(UNTOUCHED);
            assertThat(all.get(Memory.LONG, GUARD_BYTES + MAP_BYTES + at)).isEqualTo(UNTOUCHED);
        }
        assertThat(broken).as("rings that were refused").isGreaterThan(RINGS / 4);
        assertThat(taken).as("commands that were served").isGreaterThan(RINGS / 4);
    }

    /** A ring as the kernel makes it, then some of its numbers made wrong. */
    private void write(SeededRandom random) {
        map.set(Memory.SHORT, Mailbox.VERSION, (short) (random.chance(5) ? random.next() : 2));
        map.set(Memory.SHORT, Mailbox.FLAGS, (short) (random.chance(5) ? random.next() : 0xf));
        map.set(Memory.INT, Mailbox.CMDR_OFF, random.chance(10) ? wrong(random) : Mailbox.LENGTH);
        map.set(Memory.INT, Mailbox.CMDR_SIZE, random.chance(10) ? wrong(random) : RING_BYTES);
        int at = 8 * random.below(RING_BYTES / 8);
        map.set(Memory.INT, Mailbox.CMD_TAIL, random.chance(10) ? wrong(random) : at);
        for (int i = random.below(4); i >= 0; i--) {
            at = writeEntry(random, at);
        }
        map.set(Memory.INT, Mailbox.CMD_HEAD, random.chance(20) ? wrong(random) : at);
    }

    private int writeEntry(SeededRandom random, int start) {
        int at = start;
        int length = RingEntry.LENGTH + 16 + 8 * random.below(4);
        if (RING_BYTES - at < length) {
            map.set(Memory.INT, Mailbox.LENGTH + at + RingEntry.LEN_OP, RING_BYTES - at);
            at = 0;
        }
        long entry = Mailbox.LENGTH + at;
        int operation = random.chance(900) ? RingEntry.OP_CMD : random.below(8);
        int stated = random.chance(50) ? wrong(random) & ~RingEntry.OP_MASK : length;
        map.set(Memory.INT, entry + RingEntry.LEN_OP, stated | operation);
        map.set(Memory.SHORT, entry + RingEntry.CMD_ID, (short) random.next());
        map.set(Memory.INT, entry + RingEntry.IOV_CNT, random.chance(50) ? wrong(random) : random.below(4));
        map.set(Memory.INT, entry + RingEntry.IOV_BIDI_CNT, random.chance(20) ? wrong(random) : 0);
        map.set(Memory.INT, entry + RingEntry.IOV_DIF_CNT, random.chance(20) ? wrong(random) : 0);
        long cdb = random.chance(50) ? wrong(random) : entry + RingEntry.LENGTH;
        map.set(Memory.LONG, entry + RingEntry.CDB_OFF, cdb);
        for (int i = 0; i < 3; i++) {
            long base = Mailbox.LENGTH + RING_BYTES + random.below(2048);
            map.set(Memory.LONG, entry + RingEntry.IOV + 16L * i, random.chance(50) ? random.next() : base);
            map.set(Memory.LONG, entry + RingEntry.IOV + 16L * i + 8, random.chance(50) ? random.next() : 512);
        }
        map.set(Memory.LONG, entry + RingEntry.LENGTH, random.next());
        return (at + length) % RING_BYTES;
    }

    /** Numbers that are likely to hurt. */
    private static int wrong(SeededRandom random) {
        return switch (random.below(6)) {
            case 0 -> -8;
            case 1 -> Integer.MAX_VALUE & ~7;
            case 2 -> Integer.MIN_VALUE;
            case 3 -> MAP_BYTES - 8 * random.below(32);
            case 4 -> RING_BYTES - 8 * random.below(16);
            default -> (int) random.next();
        };
    }

    private void serve(SeededRandom random) {
        CommandRing commands = new CommandRing(map, DEPTH);
        Segments segments = new Segments(map, DEPTH, MAX_SEGMENTS);
        int tag = 0;
        while (!commands.isFull() && commands.take()) {
            taken++;
            commands.cdb().isWhole();
            if (segments.take(tag, commands)) {
                segments.put(tag, sense, RingEntry.SENSE_BUFFERSIZE);
                assertInside(segments, tag);
            }
            tag++;
            if (random.chance(100)) {
                // Torn: somebody writes to the ring while it is read.
                map.set(Memory.LONG, 8L * random.below(MAP_BYTES / 8), random.next());
            }
        }
        for (int i = 0; i < tag; i++) {
            commands.complete(i, StatusMapping.CHECK_CONDITION, 512, sense, RingEntry.SENSE_BUFFERSIZE);
        }
        commands.publish();
    }

    private void assertInside(Segments segments, int tag) {
        for (int i = 0; i < segments.count(tag); i++) {
            long from = segments.address(tag, i) - map.address();
            if (from < Mailbox.LENGTH || from + segments.length(tag, i) > MAP_BYTES) {
                throw new AssertionError("a piece at " + from + " of " + segments.length(tag, i) + " bytes");
            }
        }
    }
}
