package io.ublkcsi.engine;

/** A stream of numbers that its seed decides; fast, allocates nothing. Not thread-safe. */
public final class SeededRandom {
    /** The system property that repeats a run whose seed a failing test has printed. */
    public static final String SEED_PROPERTY = "ublkcsi.seed";

    private long state;

    public SeededRandom(long seed) {
        state = seed;
        next();
    }

    /** The seed to repeat, or a fresh one. */
    public static long freshSeed() {
        return Long.getLong(SEED_PROPERTY, System.nanoTime() & Integer.MAX_VALUE);
    }

    /** How a failure says which run it was. */
    public static String replay(long seed) {
        return "seed " + seed + ": repeat it with -D" + SEED_PROPERTY + "=" + seed;
    }

    /** Any 64 bits (SplitMix64). */
    public long next() {
        state += 0x9e3779b97f4a7c15L;
        long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    /** 0 to {@code bound - 1}. */
    public int below(int bound) {
        return (int) ((next() >>> 33) * bound >>> 31);
    }

    /** True that often in a thousand. */
    public boolean chance(int permille) {
        return permille > 0 && below(1000) < permille;
    }
}
