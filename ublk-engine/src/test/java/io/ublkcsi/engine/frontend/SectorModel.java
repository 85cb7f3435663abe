package io.ublkcsi.engine.frontend;

import io.ublkcsi.engine.uring.Absolute;

/**
 * What a simulated block device's sectors may hold, now and after a crash. Versions of a sector count up; 0 is never
 * written.
 */
public final class SectorModel {
    private static final int SECTOR_BYTES = 512;
    private static final int LAST_WORD = SECTOR_BYTES - Long.BYTES;

    private final int[] sent;
    private final int[] acknowledged;
    private final int[] zeroed;
    private final int[] durable;
    private final long[] acknowledgedAt;

    public SectorModel(int sectors) {
        sent = new int[sectors];
        acknowledged = new int[sectors];
        zeroed = new int[sectors];
        durable = new int[sectors];
        acknowledgedAt = new long[sectors];
    }

    public int sectors() {
        return sent.length;
    }

    /** A write of the sectors is sent; fills its data at {@code at}. */
    public void writing(long at, int from, int to) {
        for (int sector = from; sector < to; sector++, at += SECTOR_BYTES) {
            long stamp = (long) (sector + 1) << 32 | ++sent[sector];
            Absolute.setLong(at, stamp);
            Absolute.setLong(at + LAST_WORD, stamp);
        }
    }

    /** A discard or zeroing is sent. */
    public void zeroing(int from, int to) {
        for (int sector = from; sector < to; sector++) {
            zeroed[sector] = ++sent[sector];
        }
    }

    /**
     * A change has succeeded.
     *
     * @param when how many requests had been sent by then
     * @param forced it is durable
     */
    public void acknowledged(int from, int to, long when, boolean forced) {
        for (int sector = from; sector < to; sector++) {
            acknowledged[sector] = sent[sector];
            acknowledgedAt[sector] = when;
            if (forced) {
                durable[sector] = sent[sector];
            }
        }
    }

    /**
     * A flush has succeeded that was the {@code number}-th request: all that had been acknowledged by then is
     * durable.
     */
    public void flushed(long number) {
        for (int sector = 0; sector < sent.length; sector++) {
            if (acknowledgedAt[sector] <= number) {
                durable[sector] = acknowledged[sector];
            }
        }
    }

    /** Holds the sectors that were read to {@code at} against the model. */
    public void check(long at, int from, int to) {
        check(at, from, to, acknowledged, "acknowledged");
    }

    /** Holds a whole device's content after a crash against the model. */
    public void checkDurable(long at) {
        check(at, 0, sent.length, durable, "durable");
    }

    private void check(long at, int from, int to, int[] oldest, String what) {
        for (int sector = from; sector < to; sector++, at += SECTOR_BYTES) {
            long found = Absolute.getLong(at);
            boolean known = found == 0
                    ? zeroed[sector] >= oldest[sector]
                    : (found >>> 32) == sector + 1 && (int) found >= oldest[sector] && (int) found <= sent[sector];
            if (!known || Absolute.getLong(at + LAST_WORD) != found) {
                throw new AssertionError("sector " + sector + " holds version " + (int) found + " of sector "
                        + ((found >>> 32) - 1) + "; " + what + " was " + oldest[sector] + ", zeroed " + zeroed[sector]
                        + ", sent " + sent[sector]);
            }
        }
    }
}
