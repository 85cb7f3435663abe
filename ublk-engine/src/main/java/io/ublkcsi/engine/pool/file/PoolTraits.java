package io.ublkcsi.engine.pool.file;

/**
 * What a pool's folder and the disk below it can do, as tried when the pool is opened.
 *
 * @param filesystem its name
 * @param direct direct I/O works, and reaches the disk without the page cache
 * @param memoryAlignBytes what a buffer's address must be a multiple of
 * @param logicalBlockBytes smallest unit of direct I/O
 * @param physicalBlockBytes unit that the disk writes as a whole
 * @param reflink files can share blocks
 * @param punch holes can be punched
 * @param rotational a seek costs time
 * @param problem why a pool must not be made here without allowBuffered, or empty
 */
public record PoolTraits(
        String filesystem,
        boolean direct,
        int memoryAlignBytes,
        int logicalBlockBytes,
        int physicalBlockBytes,
        boolean reflink,
        boolean punch,
        boolean rotational,
        String problem) {}
