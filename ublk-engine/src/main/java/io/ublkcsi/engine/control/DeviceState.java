package io.ublkcsi.engine.control;

/** Where a device stands. */
public enum DeviceState {
    STARTING,
    LIVE,
    /** No engine serves it; its I/O waits. */
    QUIESCED,
    /** No engine serves it; its I/O fails. */
    FAIL_IO,
    STOPPING,
    /** Left alone because engines died on it again and again; its I/O waits. */
    ISOLATED,
    /** Ending it failed, or a queue of it broke: see the reason. It can only be detached. */
    BROKEN
}
