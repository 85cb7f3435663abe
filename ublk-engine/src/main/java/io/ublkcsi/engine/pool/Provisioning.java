package io.ublkcsi.engine.pool;

/** How a volume gets its blocks. */
public enum Provisioning {
    /** When they are written. */
    THIN,
    /** All at once, when it is made, and for good. */
    PREALLOCATED
}
