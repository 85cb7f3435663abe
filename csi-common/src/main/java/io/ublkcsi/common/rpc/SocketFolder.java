package io.ublkcsi.common.rpc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a socket: mode 0700, and one process at a time may listen there.
 *
 * <p>Who listens holds a lock on a file beside the socket. A socket whose lock is free was left by a process that is
 * gone, and is removed.
 *
 * <p>A folder that is shared with others, as the kubelet's is, stays as it is, and has no lock.
 */
final class SocketFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final @Nullable FileChannel channel;
    private final @Nullable FileLock lock;

    private SocketFolder(@Nullable FileChannel channel, @Nullable FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** Makes the folder ready to listen in. */
    static SocketFolder claim(Endpoint endpoint) throws IOException {
        Path socket = endpoint.socket();
        Path folder = socket.resolve("..").normalize();
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        protect(folder, socket);
        Path lockFile = socket.resolveSibling(socket.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new IOException("another process listens on " + socket + "; end it, or choose another --endpoint");
        }
        removeStale(socket);
        return new SocketFolder(channel, lock);
    }

    /** Makes a place in a folder of others ready to listen at; the caller knows that nobody else does. */
    static SocketFolder share(Endpoint endpoint) throws IOException {
        removeStale(endpoint.socket().resolveSibling("." + endpoint.socket().getFileName()));
        return new SocketFolder(null, null);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException taken) {
            return null;
        }
    }

    /** Narrows a folder that holds nothing but our own files; one that is shared with others is refused. */
    private static void protect(Path folder, Path socket) throws IOException {
        if (Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
            return;
        }
        String own = socket.getFileName().toString();
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.anyMatch(entry -> !entry.getFileName().toString().startsWith(own))) {
                throw new IOException("the folder " + folder + " is open to other users and holds other files; give the"
                        + " socket a folder of its own, of mode 0700");
            }
        }
        Files.setPosixFilePermissions(folder, OWNER_ONLY);
    }

    private static void removeStale(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        boolean isSocket = !Files.isRegularFile(socket, LinkOption.NOFOLLOW_LINKS)
                && !Files.isDirectory(socket, LinkOption.NOFOLLOW_LINKS)
                && !Files.isSymbolicLink(socket);
        if (!isSocket) {
            throw new IOException(socket + " exists and is no socket; move it away, or choose another --endpoint");
        }
        Files.delete(socket);
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.release();
        }
        if (channel != null) {
            channel.close();
        }
    }
}
