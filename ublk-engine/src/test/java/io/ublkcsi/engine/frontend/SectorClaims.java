package io.ublkcsi.engine.frontend;

/**
 * Which sectors of a simulated block device the requests in flight touch: any number may read a sector, or one may
 * change it.
 */
public final class SectorClaims {
    private static final byte CHANGING = -1;

    private final byte[] inUse;

    public SectorClaims(int sectors) {
        inUse = new byte[sectors];
    }

    /** False, with nothing claimed: a request in flight is in the way. */
    public boolean claim(int from, int to, boolean changes) {
        if (!isFree(from, to, changes)) {
            return false;
        }
        for (int sector = from; sector < to; sector++) {
            inUse[sector] = changes ? CHANGING : (byte) (inUse[sector] + 1);
        }
        return true;
    }

    private boolean isFree(int from, int to, boolean changes) {
        for (int sector = from; sector < to; sector++) {
            if (inUse[sector] == CHANGING || changes && inUse[sector] != 0 || inUse[sector] == Byte.MAX_VALUE) {
                return false;
            }
        }
        return true;
    }

    /** The request that claimed them with {@code changes} has ended. */
    public void release(int from, int to, boolean changes) {
        for (int sector = from; sector < to; sector++) {
            inUse[sector] = changes ? 0 : (byte) (inUse[sector] - 1);
        }
    }
}
