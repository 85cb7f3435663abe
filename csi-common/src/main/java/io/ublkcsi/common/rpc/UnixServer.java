package io.ublkcsi.common.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A gRPC server on a Unix socket.
 *
 * <p>Each call gets a platform thread: use cases block on the store, on the engine and on child processes, and a child
 * that is to die with its parent has to be started from a thread that lives as long as it is waited for.
 */
public final class UnixServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnixServer.class);
    private static final int MAX_MESSAGE_BYTES = 4 << 20;
    private static final int GRACE_SECONDS = 5;

    private final Endpoint endpoint;
    private final SocketFolder folder;
    private final boolean keepsSocket;
    private final EventLoopGroup eventLoops;
    private final ExecutorService calls;
    private final Server server;
    private final AtomicBoolean closing = new AtomicBoolean();

    private UnixServer(Endpoint endpoint, SocketFolder folder, boolean keepsSocket, List<BindableService> services)
            throws IOException {
        this.endpoint = endpoint;
        this.folder = folder;
        this.keepsSocket = keepsSocket;
        this.eventLoops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        this.calls = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("rpc-", 0).factory());
        Path bound = keepsSocket ? hidden(endpoint) : endpoint.socket();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new DomainSocketAddress(bound.toString()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(eventLoops)
                .workerEventLoopGroup(eventLoops)
                .executor(calls)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                // gRPC runs the last one first: the log has to see what the mapping made of a fault.
                .intercept(new FaultMapping())
                .intercept(new RequestLog());
        services.forEach(builder::addService);
        this.server = builder.build().start();
        if (keepsSocket) {
            // Netty removes what it bound; and so who watches the folder sees a new socket, and never none.
            Files.move(bound, endpoint.socket(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Path hidden(Endpoint endpoint) {
        return endpoint.socket().resolveSibling("." + endpoint.socket().getFileName());
    }

    /** Starts to serve. */
    public static UnixServer start(Endpoint endpoint, List<BindableService> services) throws IOException {
        return start(endpoint, SocketFolder.claim(endpoint), false, services);
    }

    /**
     * Starts to serve in a folder of others, where the caller knows that nobody else uses this socket. The socket stays
     * when the server ends: whoever looks there is to find the successor, not that there is nobody.
     */
    public static UnixServer startAmongOthers(Endpoint endpoint, List<BindableService> services) throws IOException {
        return start(endpoint, SocketFolder.share(endpoint), true, services);
    }

    private static UnixServer start(
            Endpoint endpoint, SocketFolder folder, boolean keepsSocket, List<BindableService> services)
            throws IOException {
        try {
            UnixServer server = new UnixServer(endpoint, folder, keepsSocket, services);
            LOG.info("listening on {}", endpoint);
            return server;
        } catch (IOException | RuntimeException failure) {
            folder.close();
            throw new IOException("can't listen on " + endpoint + ": " + failure.getMessage(), failure);
        }
    }

    /** Waits until {@link #close} was called and calls have ended. */
    public void awaitEnd() throws InterruptedException {
        server.awaitTermination();
    }

    /** Ends with every call under way, as the end of the process would. */
    public void kill() {
        server.shutdownNow();
        close();
    }

    /** Takes no more calls, gives those under way a moment, ends. Once; a second call does not wait for the first. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        server.shutdown();
        try {
            if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
            if (!keepsSocket) {
                Files.deleteIfExists(endpoint.socket());
            }
            folder.close();
        } catch (InterruptedException interrupted) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        } catch (IOException failure) {
            LOG.warn("the socket {} could not be removed: {}", endpoint, failure.getMessage());
        }
        calls.shutdown();
        eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
