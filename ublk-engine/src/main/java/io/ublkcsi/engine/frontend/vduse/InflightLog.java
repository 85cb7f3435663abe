package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Which requests of one queue were taken and not answered, in memory that outlives the process: what a successor has
 * to do again. The virtqueue itself does not say it once requests end in another order than they came in.
 *
 * <pre>
 *   word 0      index behind the used entries that were accounted for, with its check
 *   word 1 + n  request n: 0 when it is not in flight, else its number in order of arrival, with its check
 * </pre>
 *
 * A word is 48 bits of value and 16 bits of check over value and place, and is written at once. Order of writing: a
 * request's word before it is begun; its used entry, the used index, then its word again, then word 0. So after a crash
 * at any point: what stands in the used ring between word 0 and the used index has been answered. Owned by a queue's
 * thread.
 */
final class InflightLog {
    /** {@link #sequence}: the request is not in flight. */
    static final long IDLE = 0;

    private static final int CHECK_BITS = 16;
    private static final long MIX = 0x9e3779b97f4a7c15L;

    private final MemorySegment words;
    private final int depth;
    private long nextSequence = 1;

    /**
     * @param words {@link #bytes} bytes, of a mapped file
     */
    InflightLog(MemorySegment words, int depth) {
        this.words = words;
        this.depth = depth;
    }

    static long bytes(int depth) {
        return (1L + depth) * Long.BYTES;
    }

    private static long word(long value, int place) {
        long check = (value + 1) * MIX + place * 0xbf58476d1ce4e5b9L >>> Long.SIZE - CHECK_BITS;
        return value << CHECK_BITS | check;
    }

    private long read(int place) {
        long word = words.get(Memory.LONG, (long) place * Long.BYTES);
        if (word == 0) {
            return 0;
        }
        long value = word >>> CHECK_BITS;
        if (word != word(value, place)) {
            throw new VirtqueueException("its in-flight log is damaged at word " + place
                    + ": what was under way when the engine died is not known");
        }
        return value;
    }

    private void write(int place, long word) {
        words.set(Memory.LONG, (long) place * Long.BYTES, word);
    }

    /** The queue begins anew, with that index. */
    void clear(int usedIndex) {
        for (int head = 0; head < depth; head++) {
            write(1 + head, 0);
        }
        accounted(usedIndex);
        nextSequence = 1;
    }

    void begin(int head) {
        write(1 + head, word(nextSequence++, 1 + head));
    }

    /** After its used entry was published. */
    void end(int head) {
        write(1 + head, 0);
    }

    /** Every used entry before that index was {@link #end}ed. */
    void accounted(int usedIndex) {
        write(0, word(usedIndex, 0));
    }

    /** The request's number in order of arrival, or {@link #IDLE}. */
    long sequence(int head) {
        return read(1 + head);
    }

    /**
     * Takes over what a dead predecessor left: ends what the used ring says was answered, up to the index that the
     * driver can see; answers how many requests are in flight.
     */
    int recover(SplitQueue queue) {
        int published = queue.publishedUsed();
        for (int index = (int) read(0); index != published; index = index + 1 & 0xffff) {
            int head = queue.usedHead(index);
            if (head < 0 || head >= depth) {
                throw new VirtqueueException("its used ring names descriptor " + head);
            }
            end(head);
        }
        accounted(published);
        int count = 0;
        for (int head = 0; head < depth; head++) {
            long sequence = sequence(head);
            count += sequence == IDLE ? 0 : 1;
            nextSequence = Math.max(nextSequence, sequence + 1);
        }
        return count;
    }

    /** The request in flight that follows {@code sequence} in order of arrival; -1 when none does. */
    int next(long sequence) {
        int first = -1;
        for (int head = 0; head < depth; head++) {
            long mine = sequence(head);
            if (mine > sequence && (first < 0 || mine < sequence(first))) {
                first = head;
            }
        }
        return first;
    }
}
