package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.sys.FileStatus;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the folder of a pool's volumes was found to do before the pool was ours to open: a standby has the time. */
record FolderTraits(int deviceMajor, int deviceMinor, long inode, PoolTraits traits) {
    private static final Logger LOG = LoggerFactory.getLogger(FolderTraits.class);

    /** Null when the folder is not there yet, or cannot be tried now: opening the pool tells why. */
    static @Nullable FolderTraits find(Path pool) {
        try (PoolFolder folder = PoolFolder.open(pool.resolve(FilePool.VOLUMES))) {
            FileStatus status = FileStatus.of(folder.fd());
            PoolTraits traits = PoolProbe.of(folder);
            boolean mayChange = !traits.problem().isEmpty();
            return mayChange
                    ? null
                    : new FolderTraits(status.deviceMajor(), status.deviceMinor(), status.inode(), traits);
        } catch (RuntimeException notNow) {
            LOG.debug("the pool {} is not tried ahead", pool, notNow);
            return null;
        }
    }

    /** Whether it is the same folder: another file system may be mounted there since. */
    boolean areOf(PoolFolder folder) {
        FileStatus status = FileStatus.of(folder.fd());
        return status.deviceMajor() == deviceMajor && status.deviceMinor() == deviceMinor && status.inode() == inode;
    }
}
