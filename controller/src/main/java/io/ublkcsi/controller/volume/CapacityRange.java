package io.ublkcsi.controller.volume;

import io.ublkcsi.common.fault.CsiFault;

/**
 * How large a volume is to be, in bytes.
 *
 * @param requiredBytes at least; 0: the driver chooses
 * @param limitBytes at most; 0: no limit
 */
public record CapacityRange(long requiredBytes, long limitBytes) {
    /** Sizes are multiples of this: the largest logical block there is, so that every pool can hold every volume. */
    public static final long GRANULE_BYTES = 4096;

    /** What a claim without a size gets. */
    public static final long DEFAULT_BYTES = 1L << 30;

    /** Far above what any file holds, far below where rounding up would overflow. */
    private static final long MAXIMUM_BYTES = 1L << 60;

    /**
     * The size to make.
     *
     * @param minimumBytes below which the volume would be of no use: its source's size, its file system's least
     * @param why where the minimum comes from, for the message
     */
    public long choose(long minimumBytes, String why) {
        long wanted = requiredBytes;
        if (wanted == 0) {
            wanted = limitBytes == 0 ? DEFAULT_BYTES : Math.min(DEFAULT_BYTES, limitBytes);
        }
        wanted = Math.max(wanted, minimumBytes);
        if (wanted > MAXIMUM_BYTES) {
            throw new CsiFault.OutOfRange(
                    "capacity_range.required_bytes: " + wanted + " is more than any volume can have: " + MAXIMUM_BYTES);
        }
        long size = (wanted + GRANULE_BYTES - 1) / GRANULE_BYTES * GRANULE_BYTES;
        if (limitBytes != 0 && size > limitBytes) {
            throw new CsiFault.OutOfRange("capacity_range.limit_bytes: " + limitBytes + " is below " + size
                    + ", the least that is possible (" + why + ", in steps of " + GRANULE_BYTES + ")");
        }
        return size;
    }

    /** Whether a volume of this size is what was asked for. */
    public boolean allows(long sizeBytes) {
        return sizeBytes >= requiredBytes && (limitBytes == 0 || sizeBytes <= limitBytes);
    }
}
