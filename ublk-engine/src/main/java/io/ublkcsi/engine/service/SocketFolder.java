package io.ublkcsi.engine.service;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The place of the engine's socket: a folder that only we may enter, and a name in it that nobody else answers on. */
final class SocketFolder {
    /** {@code sizeof(sockaddr_un.sun_path)}, its NUL counted (unix(7)). */
    private static final int MAX_PATH_BYTES = 108;

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final int S_IFMT = 0xf000;
    private static final int S_IFSOCK = 0xc000;

    private static final long DYING_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private SocketFolder() {}

    /**
     * Makes the socket's folder and frees its name.
     *
     * @throws EngineException FAILED_PRECONDITION when others may enter the folder, or an engine answers on the socket
     */
    static void prepare(Path socket) {
        prepare(socket, DYING_NS);
    }

    /**
     * @param dyingNs how long a socket may answer whose engine has died
     */
    static void prepare(Path socket, long dyingNs) {
        Path path = socket.toAbsolutePath();
        if (path.toString().getBytes(StandardCharsets.UTF_8).length >= MAX_PATH_BYTES) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT,
                    "the socket path " + path + " is too long: Unix sockets take " + (MAX_PATH_BYTES - 1) + " bytes");
        }
        Path folder = path.getParent();
        if (folder == null) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT, "the socket path " + path + " is a folder: name a file in one");
        }
        try {
            makePrivate(folder);
            removeStale(path, dyingNs);
        } catch (IOException failure) {
            throw new UncheckedIOException("preparing the socket " + path, failure);
        }
    }

    private static void makePrivate(Path folder) throws IOException {
        if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
            if (folder.getParent() != null) {
                Files.createDirectories(folder.getParent());
            }
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw refused("the socket's folder " + folder + " is no folder: remove it, or choose another --socket");
        }
        if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
            throw refused("others may enter the socket's folder " + folder + ": say 'chmod 700 " + folder
                    + "', or choose another --socket");
        }
        if (!Files.getAttribute(folder, "unix:uid").equals(ownUid())) {
            throw refused("the socket's folder " + folder + " belongs to another user: choose another --socket");
        }
    }

    static int ownUid() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static void removeStale(Path socket, long dyingNs) throws IOException {
        if (Files.notExists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(socket, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & S_IFMT) != S_IFSOCK) {
            throw refused(socket + " is there and is no socket: remove it, or choose another --socket");
        }
        if (answers(socket, dyingNs)) {
            throw refused("another engine answers on " + socket + ": end it, or choose another --socket");
        }
        Files.delete(socket);
    }

    /** The socket of an engine that has just died still answers, on a busy node for seconds. */
    private static boolean answers(Path socket, long dyingNs) {
        long deadlineNs = System.nanoTime() + dyingNs;
        while (System.nanoTime() < deadlineNs) {
            if (!connects(socket)) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        return true;
    }

    private static boolean connects(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private static EngineException refused(String sentence) {
        return new EngineException(Kind.FAILED_PRECONDITION, sentence);
    }
}
