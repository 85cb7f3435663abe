package io.ublkcsi.engine.pool;

/** What a pool has to know of whoever serves a volume, when it wants its content at one moment. */
public interface VolumeUse {
    /** Nobody serves the volume. */
    VolumeUse UNUSED = new VolumeUse() {
        @Override
        public boolean isAttached() {
            return false;
        }

        @Override
        public void whileHeld(Runnable action) {
            action.run();
        }
    };

    boolean isAttached();

    /** Runs something while no request reaches the volume; what arrives meanwhile waits. */
    void whileHeld(Runnable action);
}
