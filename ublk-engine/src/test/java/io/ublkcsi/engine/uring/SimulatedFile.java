package io.ublkcsi.engine.uring;

/** What a descriptor of the simulated kernel may be: takes the ring entries that are for it. On the ring's thread. */
public interface SimulatedFile {
    /** Answer of {@link #execute} when the entry ends later, through {@link SimulatedRing#finish}. */
    int PENDING = Integer.MIN_VALUE;

    /** Does what an entry asks for; answers its result, {@code -errno}, or {@link #PENDING}. */
    int execute(SimulatedRing ring, int entry);

    /** mmap(2) of the file; an address, or {@code -errno}. */
    default long map(long length, int protection, long offset) {
        return -io.ublkcsi.engine.sys.Errno.ENODEV;
    }

    /** The last ring or descriptor that held the file has let go of it. */
    default void released() {}
}
