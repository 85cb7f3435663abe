package io.ublkcsi.common.store;

/**
 * A pool of a node, as the node last saw it.
 *
 * @param availableBytes what new volumes could still take
 * @param maximumVolumeBytes largest volume that could be made
 * @param problem why the pool can't be used; empty when it can
 */
public record PoolReport(
        String node,
        String name,
        String kind,
        long totalBytes,
        long availableBytes,
        long maximumVolumeBytes,
        boolean reflink,
        int logicalBlockBytes,
        String problem) {
    public boolean usable() {
        return problem.isEmpty();
    }

    /** The same, of no use now. */
    public PoolReport unusable(String why) {
        return new PoolReport(
                node, name, kind, totalBytes, availableBytes, maximumVolumeBytes, reflink, logicalBlockBytes, why);
    }
}
