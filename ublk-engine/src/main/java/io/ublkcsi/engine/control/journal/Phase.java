package io.ublkcsi.engine.control.journal;

/** How far an attach or a detach had come when it was written down. */
public enum Phase {
    /** The device is being made: whatever there is of it is to be taken away. */
    ATTACHING,
    /** The device serves, or is to be served again. */
    ATTACHED,
    /** The device is being ended: the detach is to be done again. */
    DETACHING
}
