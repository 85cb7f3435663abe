package io.ublkcsi.common.store;

import io.ublkcsi.common.fault.CsiFault;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as its node sees it.
 *
 * @param generation of the wish that this is about
 * @param taken the point in time is fixed: what is written to the volume from now on is not in it
 * @param ready a volume can be made from it
 * @param sizeBytes of the volume at that time
 * @param takenMs wall clock, milliseconds since the epoch
 * @param failure why it failed; {@code null} otherwise
 * @param reason for a person
 */
public record SnapshotStatus(
        int generation,
        boolean taken,
        boolean ready,
        long sizeBytes,
        long takenMs,
        int progressPercent,
        CsiFault.@Nullable Kind failure,
        String reason)
        implements Status {

    /** Before the node said anything. */
    public static final SnapshotStatus UNKNOWN = new SnapshotStatus(0, false, false, 0, 0, 0, null, "");

    /** It failed; it can only be deleted. */
    public SnapshotStatus failed(int wish, CsiFault fault) {
        return new SnapshotStatus(
                wish,
                taken,
                false,
                sizeBytes,
                takenMs,
                progressPercent,
                fault.kind(),
                String.valueOf(fault.getMessage()));
    }

    /** Work on it goes on, or has to wait for the reason given. */
    public SnapshotStatus underWay(String why) {
        return new SnapshotStatus(generation, taken, ready, sizeBytes, takenMs, progressPercent, null, why);
    }
}
