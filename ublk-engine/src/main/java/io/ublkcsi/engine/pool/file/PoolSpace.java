package io.ublkcsi.engine.pool.file;

/**
 * How much a pool holds and has promised; bytes throughout. Computed from the records and the files, so it is the same
 * after a restart.
 *
 * @param freeBytes on the file system, now
 * @param minFreeBytes that the pool leaves alone
 * @param overcommit how many bytes may be promised to thin volumes for each that there is
 * @param thinPromised sizes of thin volumes, and blocks shared with their snapshots
 * @param thinWritten how much of that is allocated already
 * @param owed to preallocated volumes and their snapshots, and not allocated yet
 */
record PoolSpace(
        long totalBytes,
        long freeBytes,
        long minFreeBytes,
        double overcommit,
        long thinPromised,
        long thinWritten,
        long owed) {

    private static final long MIN_FREE_FLOOR = 10L << 30;
    private static final int MIN_FREE_FRACTION = 10;

    static long defaultMinFree(long totalBytes) {
        return Math.max(totalBytes / MIN_FREE_FRACTION, MIN_FREE_FLOOR);
    }

    /** An empty pool's figures, to {@link #promise} to. */
    static PoolSpace of(long totalBytes, long freeBytes, long minFreeBytes, double overcommit) {
        return new PoolSpace(totalBytes, freeBytes, minFreeBytes, overcommit, 0, 0, 0);
    }

    /** With an image counted in. */
    PoolSpace promise(ImageRecord record, long allocatedBytes, boolean snapshot) {
        long promised = promised(record, snapshot);
        long written = Math.clamp(allocatedBytes - record.sharedBytes(), 0, promised);
        return record.isPreallocated()
                ? new PoolSpace(
                        totalBytes,
                        freeBytes,
                        minFreeBytes,
                        overcommit,
                        thinPromised,
                        thinWritten,
                        owed + promised - written)
                : new PoolSpace(
                        totalBytes,
                        freeBytes,
                        minFreeBytes,
                        overcommit,
                        thinPromised + promised,
                        thinWritten + written,
                        owed);
    }

    /**
     * A snapshot never grows: it is promised what it holds. A preallocated clone is promised its shared blocks once
     * more.
     */
    private static long promised(ImageRecord record, boolean snapshot) {
        if (record.state() == RecordState.FAILED || record.state() == RecordState.DELETING) {
            return 0;
        }
        if (!snapshot) {
            return record.sizeBytes();
        }
        return record.state() == RecordState.READY ? record.sharedBytes() : record.dataBytes();
    }

    /** What thin volumes could still be promised. */
    long availableBytes() {
        double capacity = (double) Math.max(0, reallyFree() + thinWritten) * overcommit;
        return Math.max(0, (long) capacity - thinPromised);
    }

    /** What a preallocated volume could still take at once. */
    long availableNow() {
        return Math.clamp((long) (availableBytes() / overcommit), 0, Math.max(0, reallyFree()));
    }

    long reservedBytes() {
        return owed + Math.max(0, thinPromised - thinWritten);
    }

    /** Free, and neither to be kept nor owed to anybody; may be negative. */
    long reallyFree() {
        return freeBytes - minFreeBytes - owed;
    }
}
