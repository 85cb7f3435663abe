package io.ublkcsi.engine.frontend.tcmu;

import java.lang.foreign.MemorySegment;

/** The kernel's side of a device as we see it: memory, and a bell in each direction. */
interface SharedRing extends AutoCloseable {
    /** All of the memory. */
    MemorySegment map();

    /** A descriptor that polls readable when the kernel has put something in, and in error when it is gone. */
    int descriptor();

    /** Tells the kernel that something was completed; it looks at once, on this thread. */
    void wakeUp();

    /** Unmaps and closes; after the ring that polls the descriptor was closed. */
    @Override
    void close();
}
