package io.ublkcsi.engine.backend.file;

import io.ublkcsi.engine.sys.FileStatus;
import java.util.function.Supplier;

/**
 * An open image file and what must be known of it. A pool opens it, a {@link FileBackend} uses it.
 *
 * <p>The descriptor is exclusive: the opener took {@code flock(LOCK_EX)} on it, which lives as long as any ring holds
 * the file.
 */
public final class FileImage implements AutoCloseable {
    private final FileBackend.Descriptor descriptor;
    private final boolean preallocated;
    private final Supplier<FileStatus> status;
    private final Runnable ended;

    /** Nobody is told when it is closed. */
    public FileImage(int fd, boolean preallocated, Supplier<FileStatus> status) {
        this(fd, preallocated, status, () -> {});
    }

    /**
     * @param fd opened for direct I/O where the pool can do that; owned by the image from here on
     * @param preallocated its blocks stay allocated: zeroing keeps them, and nothing is discarded
     * @param status asks the file system anew, without the descriptor
     * @param ended called when the image is closed
     */
    public FileImage(int fd, boolean preallocated, Supplier<FileStatus> status, Runnable ended) {
        this.descriptor = new FileBackend.Descriptor(fd);
        this.preallocated = preallocated;
        this.status = status;
        this.ended = ended;
    }

    int descriptor() {
        return descriptor.get();
    }

    boolean preallocated() {
        return preallocated;
    }

    FileStatus currentStatus() {
        return status.get();
    }

    void release() {
        descriptor.close();
    }

    @Override
    public void close() {
        descriptor.close();
        ended.run();
    }
}
