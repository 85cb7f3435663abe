package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.backend.file.FileBackend;
import io.ublkcsi.engine.backend.file.FileImage;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.OpenOptions;
import io.ublkcsi.engine.pool.VolumeState;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.XfsHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a volume's image for serving it: checked, locked, direct. */
final class ImageOpener {
    /** {@code LOCK_SH | LOCK_NB}: many may copy from an image that nobody serves. */
    private static final int LOCK_SHARED = 1 | 4;

    private static final Logger LOG = LoggerFactory.getLogger(ImageOpener.class);

    private final ImageStore store;
    private final PoolTraits traits;

    ImageOpener(ImageStore store, PoolTraits traits) {
        this.store = store;
        this.traits = traits;
    }

    /** Flags that make transfers bypass the page cache where the pool can do that. */
    int directFlag() {
        return traits.direct() ? Linux.O_DIRECT : 0;
    }

    Backend open(ImageRecord record, OpenOptions options) {
        BlockLimits limits = limits(record, options);
        int flags = (options.readOnly() ? Linux.O_RDONLY : Linux.O_RDWR) | directFlag();
        int loud = store.openImage(record.id(), flags);
        int quiet = XfsHandle.openQuietly(store.folder().fd(), loud, flags);
        int fd = quiet < 0 ? loud : quiet;
        if (quiet < 0) {
            LOG.debug("opening an image by its handle failed with {}", Errno.name(quiet));
        } else {
            Linux.close(loud);
        }
        try {
            checkSize(record, FileStatus.of(fd));
            lock(fd, Linux.LOCK_EX_NB, record.id());
        } catch (RuntimeException refused) {
            Linux.close(fd);
            throw refused;
        }
        Runnable changed = quiet < 0 || options.readOnly() ? () -> {} : () -> store.touchSoon(record.id());
        changed.run();
        return new FileBackend(
                new FileImage(fd, record.isPreallocated(), () -> currentStatus(record.id()), changed), limits);
    }

    /** Opens an image to read from it; the caller closes it. */
    int openSource(String id) {
        return store.openImage(id, Linux.O_RDONLY | directFlag());
    }

    /** Locks an image that was opened with {@link #openSource}: nobody serves it until it is closed or unlocked. */
    void lockSource(int fd, String id) {
        lock(fd, LOCK_SHARED, id);
    }

    private void lock(int fd, int operation, String id) {
        int locked = Linux.flock(fd, operation);
        if (locked == -Errno.EAGAIN) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    store.named(id)
                            + " is in use: it is attached already, is being copied, or another process has locked its"
                            + " image ('lslocks' names it)");
        }
        FileErrors.check("locking the image of " + store.named(id), locked);
    }

    private void checkSize(ImageRecord record, FileStatus status) {
        if (status.sizeBytes() % record.logicalBlockBytes() != 0) {
            throw refused(
                    record,
                    "is " + status.sizeBytes() + " bytes long, which is no multiple of its block of "
                            + record.logicalBlockBytes() + " bytes: cut or extend it with 'truncate -s'");
        }
        if (status.sizeBytes() < record.sizeBytes()) {
            throw refused(
                    record,
                    "is " + status.sizeBytes() + " bytes long and its record says " + record.sizeBytes()
                            + ": data is missing at its end; restore it from a backup");
        }
    }

    private EngineException refused(ImageRecord record, String sentence) {
        return new EngineException(
                Kind.FAILED_PRECONDITION, "the image of " + store.named(record.id()) + " " + sentence);
    }

    private FileStatus currentStatus(String id) {
        FileStatus status = store.imageStatus(id);
        if (status == null) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION, "the image of " + store.named(id) + " was removed while it is in use");
        }
        return status;
    }

    private BlockLimits limits(ImageRecord record, OpenOptions options) {
        if (traits.direct() && record.logicalBlockBytes() < traits.logicalBlockBytes()) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    store.named(record.id()) + " has blocks of " + record.logicalBlockBytes()
                            + " bytes and its pool's disk now"
                            + " takes no less than " + traits.logicalBlockBytes()
                            + ": move the pool back to a disk with smaller"
                            + " blocks, or copy the data into a new volume");
        }
        boolean unmap = traits.punch() && !record.isPreallocated();
        return new BlockLimits(
                record.sizeBytes(),
                record.logicalBlockBytes(),
                Math.max(record.logicalBlockBytes(), traits.physicalBlockBytes()),
                0,
                traits.memoryAlignBytes(),
                0,
                options.readOnly(),
                true,
                unmap && !options.noDiscard(),
                traits.punch(),
                traits.rotational(),
                false);
    }

    /** What a record's state means to others. */
    static VolumeState publicState(RecordState state) {
        return switch (state) {
            case CREATING, COPYING -> VolumeState.CREATING;
            case READY -> VolumeState.READY;
            case FAILED, DELETING -> VolumeState.FAILED;
        };
    }
}
