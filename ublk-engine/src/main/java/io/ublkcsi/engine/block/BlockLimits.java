package io.ublkcsi.engine.block;

/**
 * What a backend's volume is like, in bytes. A frontend offers no more than this.
 *
 * @param sizeBytes a multiple of {@code logicalBytes}
 * @param logicalBytes smallest unit of I/O: a power of two, 512 to the page size
 * @param physicalBytes unit that is written without reading first; at least {@code logicalBytes}
 * @param optimalBytes preferred size of large I/O; 0: unknown
 * @param memoryAlignBytes what the address of a buffer that the backend reads into must be a multiple of
 * @param maxTransferBytes the largest request that the backend takes; 0: any
 * @param readOnly writes are refused
 * @param volatileCache acknowledged writes may be lost until a flush
 * @param discard whether a discard frees anything
 * @param writeZeroes whether the backend can write zeroes without their bytes being sent
 * @param rotational a seek costs time
 * @param needsData the backend looks at the bytes itself, so that they must be in our memory: no zero copy
 */
public record BlockLimits(
        long sizeBytes,
        int logicalBytes,
        int physicalBytes,
        int optimalBytes,
        int memoryAlignBytes,
        int maxTransferBytes,
        boolean readOnly,
        boolean volatileCache,
        boolean discard,
        boolean writeZeroes,
        boolean rotational,
        boolean needsData) {

    public static final int MIN_BLOCK_BYTES = 512;

    public BlockLimits {
        require(Integer.bitCount(logicalBytes) == 1 && logicalBytes >= MIN_BLOCK_BYTES, "logical block", logicalBytes);
        require(Integer.bitCount(physicalBytes) == 1 && physicalBytes >= logicalBytes, "physical block", physicalBytes);
        require(sizeBytes > 0 && sizeBytes % logicalBytes == 0, "size", sizeBytes);
    }

    private static void require(boolean holds, String what, long value) {
        if (!holds) {
            throw new IllegalArgumentException(what + " of " + value + " bytes");
        }
    }

    /** A plain writable disk in memory: what tests and simple backends start from. */
    public static BlockLimits memory(long sizeBytes, int logicalBytes) {
        int physicalBytes = Math.max(logicalBytes, 4096);
        return new BlockLimits(sizeBytes, logicalBytes, physicalBytes, 0, 1, 0, false, false, true, true, false, true);
    }

    public BlockLimits withSize(long bytes) {
        return new BlockLimits(
                bytes,
                logicalBytes,
                physicalBytes,
                optimalBytes,
                memoryAlignBytes,
                maxTransferBytes,
                readOnly,
                volatileCache,
                discard,
                writeZeroes,
                rotational,
                needsData);
    }
}
