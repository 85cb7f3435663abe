package io.ublkcsi.engine.service;

import static io.ublkcsi.engine.pool.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.EngineException.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the socket may be. */
class SocketFolderTest {
    @TempDir
    private Path temporary;

    @Test
    void folderIsMadeForTheOwnerAlone() throws IOException {
        SocketFolder.prepare(temporary.resolve("a/run/engine.sock"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("a/run"))))
                .isEqualTo("rwx------");
    }

    @Test
    void folderThatOthersMayEnterIsRefused() throws IOException {
        Path open = Files.createDirectory(temporary.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertRefused(Kind.FAILED_PRECONDITION, "chmod 700", () -> SocketFolder.prepare(open.resolve("engine.sock")));
    }

    @Test
    void staleSocketIsReplaced() throws IOException {
        Path socket = temporary.resolve("run/engine.sock");
        SocketFolder.prepare(socket);
        listen(socket).close();
        assertThat(socket).exists();

        SocketFolder.prepare(socket);

        assertThat(socket).doesNotExist();
    }

    @Test
    void socketThatSomebodyAnswersOnIsLeftAlone() throws IOException {
        Path socket = temporary.resolve("run/engine.sock");
        SocketFolder.prepare(socket);
        try (ServerSocketChannel other = listen(socket)) {
            assertThat(other.isOpen()).isTrue();
            assertRefused(
                    Kind.FAILED_PRECONDITION,
                    "another engine answers",
                    () -> SocketFolder.prepare(socket, 100_000_000));
        }
    }

    @Test
    void otherFilesAreLeftAlone() throws IOException {
        Path socket = temporary.resolve("run/engine.sock");
        SocketFolder.prepare(socket);
        Files.writeString(socket, "precious");

        assertRefused(Kind.FAILED_PRECONDITION, "is no socket", () -> SocketFolder.prepare(socket));
        assertThat(socket).hasContent("precious");
    }

    @Test
    void pathHasALimit() {
        Path socket = temporary.resolve("x".repeat(120)).resolve("engine.sock");

        assertRefused(Kind.INVALID_ARGUMENT, "too long", () -> SocketFolder.prepare(socket));
    }

    private static ServerSocketChannel listen(Path socket) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(socket));
        return channel;
    }
}
