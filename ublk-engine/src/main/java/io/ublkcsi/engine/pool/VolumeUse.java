package io.ublkcsi.engine.pool;

/** What a pool asks of whoever serves a volume, when it wants its content at one moment. */
@FunctionalInterface
public interface VolumeUse {
    /** Nobody serves the volume. */
    VolumeUse UNUSED = Runnable::run;

    /** Runs something while no request reaches the volume; what arrives meanwhile waits. */
    void whileHeld(Runnable action);
}
