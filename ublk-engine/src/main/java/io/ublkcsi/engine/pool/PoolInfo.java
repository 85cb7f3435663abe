package io.ublkcsi.engine.pool;

/**
 * A pool as it is at one moment; bytes throughout.
 *
 * @param kind such as {@code file}
 * @param freeBytes on the pool's file system
 * @param reservedBytes promised to volumes and snapshots and not yet written
 * @param availableBytes what new thin volumes could still be promised
 * @param maximumVolumeBytes largest volume that can be made now
 * @param problem why the pool is not usable, or empty
 * @param filesystem its name, or empty
 */
public record PoolInfo(
        String name,
        String kind,
        long totalBytes,
        long freeBytes,
        long reservedBytes,
        long availableBytes,
        long minFreeBytes,
        long maximumVolumeBytes,
        boolean reflink,
        int logicalBlockBytes,
        int physicalBlockBytes,
        String problem,
        String filesystem) {
    /** The same space under another name. */
    PoolInfo named(String otherName, String otherKind) {
        return new PoolInfo(
                otherName,
                otherKind,
                totalBytes,
                freeBytes,
                reservedBytes,
                availableBytes,
                minFreeBytes,
                maximumVolumeBytes,
                reflink,
                logicalBlockBytes,
                physicalBlockBytes,
                problem,
                filesystem);
    }
}
