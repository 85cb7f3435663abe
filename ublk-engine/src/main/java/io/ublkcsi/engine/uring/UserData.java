package io.ublkcsi.engine.uring;

/**
 * What a submission carries and its completion brings back: whose it is, of which request, which step of it.
 *
 * <pre>
 *   bits  0..15  tag        request tag, below 65536
 *   bits 16..23  operation  the owner's own code of the step
 *   bits 24..31  owner      {@link #FRONTEND}, {@link #BACKEND} or {@link #AGENT}
 *   bits 32..47  slot       which device's queue on this ring
 * </pre>
 */
public final class UserData {
    public static final int FRONTEND = 0;
    public static final int BACKEND = 1;
    /** The queue thread's own: its wake-up. */
    public static final int AGENT = 2;

    public static final int MAX_TAG = (1 << 16) - 1;
    public static final int MAX_OPERATION = (1 << 8) - 1;
    public static final int MAX_SLOT = (1 << 16) - 1;

    private UserData() {}

    public static long encode(int slot, int owner, int operation, int tag) {
        if ((tag & ~MAX_TAG) != 0 || (operation & ~MAX_OPERATION) != 0 || (slot & ~MAX_SLOT) != 0) {
            throw new IllegalArgumentException("tag " + tag + ", operation " + operation + ", slot " + slot);
        }
        return (long) slot << 32 | (long) owner << 24 | (long) operation << 16 | tag;
    }

    /**
     * For the path of every request: the checks are made once.
     *
     * @param owner {@link #encode} of slot and owner, with operation and tag 0
     * @param operation 0 to {@link #MAX_OPERATION}
     * @param tag 0 to {@link #MAX_TAG}
     */
    public static long step(long owner, int operation, int tag) {
        return owner | (long) operation << 16 | tag;
    }

    public static int tag(long userData) {
        return (int) userData & MAX_TAG;
    }

    public static int operation(long userData) {
        return (int) (userData >>> 16) & MAX_OPERATION;
    }

    public static int owner(long userData) {
        return (int) (userData >>> 24) & 0xff;
    }

    public static int slot(long userData) {
        return (int) (userData >>> 32) & MAX_SLOT;
    }
}
