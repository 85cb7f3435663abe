package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * The pieces of shared memory that hold the data of the commands under way, a row a tag. They are copied out of the
 * ring when a command is taken: its entry may carry another command's completion before this one is done.
 */
final class Segments {
    private final MemorySegment map;
    private final int most;
    private final long[] offset;
    private final int[] length;
    private final int[] count;

    /**
     * @param map the memory that is shared with the kernel
     * @param most pieces of one command
     */
    Segments(MemorySegment map, int depth, int most) {
        this.map = map;
        this.most = most;
        offset = new long[depth * most];
        length = new int[depth * most];
        count = new int[depth];
    }

    /** Copies the current command's pieces; false when there are more than any command of ours has. */
    boolean take(int tag, CommandRing commands) {
        count[tag] = 0;
        if (commands.segments() > most) {
            return false;
        }
        for (int i = 0; i < commands.segments(); i++) {
            int at = tag * most + i;
            offset[at] = commands.segmentOffset(i);
            length[at] = commands.segmentLength(i, offset[at]);
        }
        count[tag] = commands.segments();
        return true;
    }

    /** Bytes in all pieces. */
    long bytes(int tag) {
        long sum = 0;
        for (int i = 0; i < count[tag]; i++) {
            sum += length[tag * most + i];
        }
        return sum;
    }

    int count(int tag) {
        return count[tag];
    }

    int length(int tag, int index) {
        return length[tag * most + index];
    }

    /** Absolute address of a piece. */
    long address(int tag, int index) {
        return map.address() + offset[tag * most + index];
    }

    /** Where a piece is in the mapping. */
    long offset(int tag, int index) {
        return offset[tag * most + index];
    }

    /** Copies an answer into the pieces; answers how much there was room for. */
    int put(int tag, MemorySegment answer, int bytes) {
        int done = 0;
        for (int i = 0; i < count[tag] && done < bytes; i++) {
            int part = Math.min(bytes - done, length(tag, i));
            MemorySegment.copy(answer, done, map, offset(tag, i), part);
            done += part;
        }
        return done;
    }

    /** Whether the first {@code bytes} of a piece are all zero. */
    boolean isZero(int tag, int index, int bytes) {
        for (int i = 0; i < bytes; i += Long.BYTES) {
            if (map.get(Memory.LONG, offset(tag, index) + i) != 0) {
                return false;
            }
        }
        return true;
    }

    MemorySegment map() {
        return map;
    }
}
