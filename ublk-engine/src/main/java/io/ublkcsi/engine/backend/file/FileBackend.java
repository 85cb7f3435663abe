package io.ublkcsi.engine.backend.file;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;

/**
 * A raw disk image in a file, opened for direct I/O. The descriptor is given up as soon as every queue's ring holds
 * the file as a fixed file: the image is then released exactly when the last ring's last write has ended, which is
 * what fences a dead engine's writes from its successor's.
 */
public final class FileBackend implements Backend {
    private final FileImage image;
    private volatile BlockLimits limits;

    /**
     * @param image open; this backend owns its descriptor from here on
     * @param limits what the volume offers, its size no larger than the file's
     */
    public FileBackend(FileImage image, BlockLimits limits) {
        this.image = image;
        this.limits = limits;
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        context.ring().installFile(context.fileSlot(), image.descriptor());
        return new FileQueue(context, this);
    }

    boolean keepsBlocks() {
        return image.preallocated();
    }

    @Override
    public void queuesOpened() {
        image.release();
    }

    @Override
    public void refresh() {
        FileStatus status = image.currentStatus();
        long bytes = status.sizeBytes() - status.sizeBytes() % limits.logicalBytes();
        limits = limits.withSize(Math.max(bytes, limits.sizeBytes()));
    }

    @Override
    public void close() {
        image.close();
    }

    /** Closes a descriptor once. */
    static final class Descriptor {
        private int fd;

        Descriptor(int fd) {
            this.fd = fd;
        }

        synchronized int get() {
            if (fd < 0) {
                throw new IllegalStateException("the image's descriptor was given up already");
            }
            return fd;
        }

        synchronized void close() {
            if (fd >= 0) {
                Linux.close(fd);
                fd = -1;
            }
        }
    }
}
