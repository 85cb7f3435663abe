package io.ublkcsi.engine.frontend.vduse;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the driver's addresses (IOVAs) are in our memory. A region is mapped when an address in it is used for the
 * first time. Owned by a queue's thread.
 */
final class Iotlb {
    /** No memory of the driver's is there, or not for that use. */
    static final long NOWHERE = -1;

    /** The kernel has two: the rings' and the bounce buffer. */
    private static final int MAX_REGIONS = 64;

    private final RegionSource source;
    private Region[] regions = {};
    private int last;

    /** Where regions come from. */
    @FunctionalInterface
    interface RegionSource {
        /** Maps the region that holds an address; null when there is none. */
        @Nullable
        Region map(long iova);
    }

    /**
     * Memory of the driver's.
     *
     * @param start the first address, as the driver counts
     * @param end the last address
     * @param address where it is mapped
     * @param permission {@code ACCESS_*} of {@link IotlbEntry}
     * @param unmap gives the mapping up
     */
    record Region(long start, long end, long address, int permission, Runnable unmap) {
        boolean holds(long iova, long bytes) {
            return iova >= start && iova <= end && bytes - 1 <= end - iova;
        }
    }

    Iotlb(RegionSource source) {
        this.source = source;
    }

    /**
     * The absolute address of {@code bytes} bytes that all lie in one region which allows the use; else {@link
     * #NOWHERE}.
     *
     * @param bytes at least 1
     * @param write whether we are to write there
     */
    long translate(long iova, long bytes, boolean write) {
        if (last < regions.length && regions[last].holds(iova, bytes)) {
            return address(regions[last], iova, write);
        }
        for (int i = 0; i < regions.length; i++) {
            if (regions[i].holds(iova, 1)) {
                last = i;
                return regions[i].holds(iova, bytes) ? address(regions[i], iova, write) : NOWHERE;
            }
        }
        return iova < 0 ? NOWHERE : mapAndTranslate(iova, bytes, write);
    }

    private static long address(Region region, long iova, boolean write) {
        int wanted = write ? IotlbEntry.ACCESS_WO : IotlbEntry.ACCESS_RO;
        return (region.permission & wanted) == 0 ? NOWHERE : region.address + (iova - region.start);
    }

    private long mapAndTranslate(long iova, long bytes, boolean write) {
        if (regions.length == MAX_REGIONS) {
            return NOWHERE;
        }
        Region region = source.map(iova);
        if (region == null) {
            return NOWHERE;
        }
        regions = Arrays.copyOf(regions, regions.length + 1);
        last = regions.length - 1;
        regions[last] = region;
        return region.holds(iova, bytes) ? address(region, iova, write) : NOWHERE;
    }

    /** Gives up every mapping that has an address from {@code first} to {@code end}. */
    void forget(long first, long end) {
        for (Region region : regions) {
            if (region.start <= end && region.end >= first) {
                region.unmap.run();
            }
        }
        regions = Arrays.stream(regions)
                .filter(region -> region.start > end || region.end < first)
                .toArray(Region[]::new);
        last = 0;
    }

    void forgetAll() {
        forget(0, Long.MAX_VALUE);
    }
}
