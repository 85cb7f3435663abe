package io.ublkcsi.engine.pool;

/** Where a volume or snapshot stands. */
public enum VolumeState {
    /** Its bytes are being copied. */
    CREATING,
    READY,
    /** It can only be deleted; its reason says why. */
    FAILED
}
