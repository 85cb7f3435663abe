package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The lock on a state directory: whoever holds it is the engine. The kernel lets go of it when the process ends,
 * however.
 */
final class StateLock implements AutoCloseable {
    private static final String FILE = "engine.lock";
    private static final int OWNER_ONLY = 0600;
    /** Without {@code LOCK_NB}: waits. */
    private static final int LOCK_EX = 2;

    private final int fd;

    private StateLock(int fd) {
        this.fd = fd;
    }

    /**
     * @throws EngineException FAILED_PRECONDITION when another engine holds it
     */
    static StateLock take(Path directory) {
        int fd = open(directory);
        if (Linux.flock(fd, Linux.LOCK_EX_NB) < 0) {
            Linux.close(fd);
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "another engine works with the state directory " + directory + ": end that one, give this one a"
                            + " --state-dir of its own, or start it with --standby");
        }
        return new StateLock(fd);
    }

    /** Waits until no other engine has it; for as long as that takes. */
    static StateLock await(Path directory) {
        int fd = open(directory);
        int locked = -Errno.EINTR;
        while (locked == -Errno.EINTR) {
            locked = Linux.flock(fd, LOCK_EX);
        }
        if (locked < 0) {
            Linux.close(fd);
            throw new EngineException(
                    Kind.INTERNAL, "waiting for the state directory " + directory + ": " + Errno.name(locked));
        }
        return new StateLock(fd);
    }

    private static int open(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException failure) {
            throw new UncheckedIOException("making the state directory " + directory, failure);
        }
        Path file = directory.resolve(FILE);
        int fd = Linux.open(file.toString(), Linux.O_RDWR | Linux.O_CREAT | Linux.O_NOFOLLOW, OWNER_ONLY);
        if (fd < 0) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "opening " + file + " failed with " + Errno.name(fd)
                            + ": give --state-dir a directory that the engine can" + " write to");
        }
        return fd;
    }

    @Override
    public void close() {
        Linux.close(fd);
    }
}
