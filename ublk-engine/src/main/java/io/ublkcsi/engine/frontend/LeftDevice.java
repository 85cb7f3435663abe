package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.block.BlockLimits;

/**
 * A device that an engine of ours has made and that this one does not serve, as it was when it was looked at.
 *
 * @param limits size, blocks and whether it is read-only; the rest is unknown
 * @param token it was made with
 */
public record LeftDevice(DeviceFacts facts, BlockLimits limits, DeviceToken token, Condition condition) {
    /** Where a device without an engine stands. */
    public enum Condition {
        /** It never got as far as to be a disk, or has been one: nobody can use it. */
        DEAD,
        /** The kernel takes it for served: its engine has not ended altogether. */
        SERVED,
        /** Its I/O waits. */
        WAITING,
        /** Its I/O fails. */
        FAILING
    }

    /** Of the block device. */
    public String path() {
        return facts.path();
    }
}
