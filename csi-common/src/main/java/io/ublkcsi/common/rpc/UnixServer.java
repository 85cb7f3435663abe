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
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
    private final EventLoopGroup eventLoops;
    private final ExecutorService calls;
    private final Server server;

    private UnixServer(Endpoint endpoint, SocketFolder folder, List<BindableService> services) throws IOException {
        this.endpoint = endpoint;
        this.folder = folder;
        this.eventLoops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        this.calls = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("rpc-", 0).factory());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new DomainSocketAddress(endpoint.socket().toString()))
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
    }

    /** Starts to serve. */
    public static UnixServer start(Endpoint endpoint, List<BindableService> services) throws IOException {
        SocketFolder folder = SocketFolder.claim(endpoint);
        try {
            UnixServer server = new UnixServer(endpoint, folder, services);
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

    /** Takes no more calls, gives those under way a moment, ends. */
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
            Files.deleteIfExists(endpoint.socket());
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
