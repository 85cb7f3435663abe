package io.ublkcsi.engine.pool;

/** Whether anything was ever written to a volume. */
public enum DataPresence {
    /** The pool can't tell: the device has to be read. */
    UNSPECIFIED,
    /** Not a byte, nor was there any in what it was made from. */
    NONE,
    SOME
}
