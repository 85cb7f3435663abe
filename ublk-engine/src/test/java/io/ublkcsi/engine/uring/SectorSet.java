package io.ublkcsi.engine.uring;

/** A set of small numbers; allocates nothing after it was made. */
final class SectorSet {
    private final long[] words;

    SectorSet(int size) {
        words = new long[(size + 63) / 64];
    }

    void add(int from, int to) {
        for (int i = from; i < to; i++) {
            words[i >>> 6] |= 1L << i;
        }
    }

    void remove(int from, int to) {
        for (int i = from; i < to; i++) {
            words[i >>> 6] &= ~(1L << i);
        }
    }

    boolean has(int sector) {
        return (words[sector >>> 6] & 1L << sector) != 0;
    }

    /** The first member from {@code from} on; -1: none. */
    int next(int from) {
        int word = from >>> 6;
        if (word >= words.length) {
            return -1;
        }
        long rest = words[word] & -1L << from;
        while (rest == 0) {
            if (++word == words.length) {
                return -1;
            }
            rest = words[word];
        }
        return (word << 6) + Long.numberOfTrailingZeros(rest);
    }

    int count() {
        int count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        return count;
    }
}
