package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An open folder of a pool. Names are opened below it and nowhere else, and no symbolic link is followed on the way,
 * whatever somebody puts there meanwhile. Any thread.
 */
final class PoolFolder implements AutoCloseable {
    /** {@code RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH} (include/uapi/linux/openat2.h). */
    private static final long RESOLVE = 0x02 | 0x04 | 0x08;

    static final String TEMPORARY = ".tmp";
    private static final int FOLDER_MODE = 0700;
    private static final int FILE_MODE = 0600;
    private static final long DYING_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MAX_SMALL_FILE = 1 << 16;

    private final Path path;
    private final int fd;

    private PoolFolder(Path path, int fd) {
        this.path = path;
        this.fd = fd;
    }

    /** Opens a pool's own folder, which must be there. */
    static PoolFolder open(Path path) {
        int fd = Linux.open(path.toString(), Linux.O_RDONLY | Linux.O_DIRECTORY);
        if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "the pool's folder " + path + " is not there: make it with 'mkdir -p " + path
                            + "', best on a disk of its own");
        }
        FileErrors.check("opening the pool's folder " + path, fd);
        return new PoolFolder(path, fd);
    }

    /** Opens a folder in this one; makes it when it is not there. */
    PoolFolder child(String name) {
        int made = Linux.mkdirat(fd, name, FOLDER_MODE);
        if (made != -Errno.EEXIST) {
            FileErrors.check("making the folder " + path.resolve(name), made);
            sync();
        }
        int child = Linux.openat2(fd, name, Linux.O_RDONLY | Linux.O_DIRECTORY, 0, RESOLVE);
        FileErrors.check("opening the folder " + path.resolve(name), child);
        return new PoolFolder(path.resolve(name), child);
    }

    Path path() {
        return path;
    }

    int fd() {
        return fd;
    }

    /**
     * Takes the folder for this process, or answers false. The lock ends with {@link #close}, or a moment after the
     * process: that moment is waited for.
     */
    boolean lock() {
        long deadlineNs = System.nanoTime() + DYING_NS;
        int locked = Linux.flock(fd, Linux.LOCK_EX_NB);
        while (locked < 0 && System.nanoTime() < deadlineNs) {
            LockSupport.parkNanos(POLL_NS);
            locked = Linux.flock(fd, Linux.LOCK_EX_NB);
        }
        return locked == 0;
    }

    /** A descriptor, or {@code -errno}; the caller closes it. Never waits for the other end of a pipe. */
    int tryOpen(String name, int flags) {
        boolean creates = (flags & Linux.O_CREAT) != 0;
        return Linux.openat2(fd, name, flags | Linux.O_NOFOLLOW | Linux.O_NONBLOCK, creates ? FILE_MODE : 0, RESOLVE);
    }

    int open(String name, int flags) {
        int file = tryOpen(name, flags);
        FileErrors.check("opening " + path.resolve(name), file);
        return file;
    }

    /** Null when there is no such name. */
    @Nullable
    FileStatus status(String name) {
        int file = Linux.openat2(fd, name, Linux.O_PATH | Linux.O_NOFOLLOW, 0, RESOLVE);
        if (file == -Errno.ENOENT) {
            return null;
        }
        FileErrors.check("looking at " + path.resolve(name), file);
        try {
            return FileStatus.of(file);
        } finally {
            Linux.close(file);
        }
    }

    /** Removes a file; no such file: nothing to do. */
    void remove(String name) {
        int removed = Linux.unlinkat(fd, name, 0);
        if (removed != -Errno.ENOENT) {
            FileErrors.check("removing " + path.resolve(name), removed);
        }
    }

    /** Makes names that were added, changed or removed durable. */
    void sync() {
        FileErrors.check("syncing the folder " + path, Linux.fsync(fd));
    }

    /** In no order. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd/" + fd))) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException failure) {
            throw new UncheckedIOException("listing " + path, failure);
        }
        return names;
    }

    /** Whether no name ends so. */
    boolean isEmptyOf(String suffix) {
        return names().stream().noneMatch(name -> name.endsWith(suffix));
    }

    byte[] read(String name) {
        int file = open(name, Linux.O_RDONLY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_SMALL_FILE);
            long length = Linux.pread(file, buffer, 0);
            FileErrors.check("reading " + path.resolve(name), length);
            return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            Linux.close(file);
        }
    }

    /** Writes a small file as a whole: whoever reads it, even after a power cut, sees the old content or the new. */
    void write(String name, byte[] content) {
        String temporary = name + TEMPORARY;
        int file = open(temporary, Linux.O_RDWR | Linux.O_CREAT | Linux.O_TRUNC);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, content);
            long written = Linux.pwrite(file, bytes, 0);
            FileErrors.check("writing " + path.resolve(temporary), written == content.length ? 0 : orFull(written));
            FileErrors.check("syncing " + path.resolve(temporary), Linux.fsync(file));
        } finally {
            Linux.close(file);
        }
        FileErrors.check("renaming to " + path.resolve(name), Linux.renameat(fd, temporary, fd, name));
        sync();
    }

    private static long orFull(long written) {
        return written < 0 ? written : -Errno.ENOSPC;
    }

    /** Removes what {@link #write} left when it was cut off. */
    void removeTemporaries() {
        names().stream().filter(name -> name.endsWith(TEMPORARY)).forEach(this::remove);
    }

    @Override
    public void close() {
        Linux.close(fd);
    }
}
