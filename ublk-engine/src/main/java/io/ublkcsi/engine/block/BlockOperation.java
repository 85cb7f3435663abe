package io.ublkcsi.engine.block;

/** What a request asks for, as small numbers for the I/O path. */
public final class BlockOperation {
    public static final int READ = 0;
    public static final int WRITE = 1;
    /** Everything that was acknowledged before becomes durable. */
    public static final int FLUSH = 2;
    /** The range's content is no longer needed; afterwards it reads as zeroes on our backends. */
    public static final int DISCARD = 3;
    /** The range reads as zeroes afterwards; {@link Requests#NO_UNMAP} keeps its blocks. */
    public static final int WRITE_ZEROES = 4;

    public static final int COUNT = 5;

    private static final String[] NAMES = {"read", "write", "flush", "discard", "write_zeroes"};

    private BlockOperation() {}

    /** Whether it may leave the volume's content or its blocks other than they were. */
    public static boolean changes(int operation) {
        return operation != READ && operation != FLUSH;
    }

    /** The name in metrics and tables. */
    public static String name(int operation) {
        return NAMES[operation];
    }
}
