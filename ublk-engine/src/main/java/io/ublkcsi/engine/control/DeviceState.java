package io.ublkcsi.engine.control;

/** Where a device stands. */
public enum DeviceState {
    STARTING,
    LIVE,
    STOPPING,
    /** Ending it failed, or a queue of it broke: see the reason. It can only be detached. */
    BROKEN
}
