package io.ublkcsi.engine.uring;

/** Something outside the ring that makes things happen, such as the users of a block device. */
@FunctionalInterface
public interface SimulatedActor {
    /** Does one thing; false when there is nothing to do now. On the ring's thread, while the kernel waits. */
    boolean act();
}
