package io.ublkcsi.engine.frontend;

import org.jspecify.annotations.Nullable;

/**
 * Something that was done to a device in the kernel, by this engine or by others.
 *
 * @param token of a device of ours; null: another program's
 * @param what happened to it, in a clause that follows its name
 */
public record DeviceChange(@Nullable DeviceToken token, String device, Kind kind, String what) {
    public enum Kind {
        ADDED,
        REMOVED,
        CHANGED
    }
}
