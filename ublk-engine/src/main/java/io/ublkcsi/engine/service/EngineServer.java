package io.ublkcsi.engine.service;

import io.grpc.Server;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.ublkcsi.engine.control.DeviceControl;
import io.ublkcsi.engine.pool.PoolRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The engine's API on its Unix socket. One thread moves bytes; calls run on threads of their own, which come when they
 * are needed and go again, so that a call that hangs in the kernel holds up only its own volume.
 */
public final class EngineServer implements AutoCloseable {
    /** Calls at once; more wait. A volume has one at a time at most, others are refused at once. */
    private static final int MAX_CALL_THREADS = 128;

    private static final int MAX_CALLS_PER_CONNECTION = 256;
    private static final int MAX_MESSAGE_BYTES = 1 << 20;
    private static final long IDLE_THREAD_S = 10;
    private static final long SHUTDOWN_S = 5;

    private final Path socket;
    private final EventLoopGroup loop;
    private final ExecutorService calls;
    private final Server server;

    private EngineServer(Path socket, EventLoopGroup loop, ExecutorService calls, Server server) {
        this.socket = socket;
        this.loop = loop;
        this.calls = calls;
        this.server = server;
    }

    /**
     * Serves the API.
     *
     * @throws io.ublkcsi.engine.block.EngineException when the socket's folder is not private, or an engine answers
     *     there
     */
    public static EngineServer start(
            Path socket, DeviceControl devices, PoolRegistry pools, EngineFacts facts, EventBus events) {
        SocketFolder.prepare(socket);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().name("api-io").daemon().factory(), EpollIoHandler.newFactory());
        ExecutorService calls = callThreads();
        try {
            Server server = NettyServerBuilder.forAddress(
                            new DomainSocketAddress(socket.toFile()),
                            InternalNettyServerCredentials.create(new Peer.Negotiator()))
                    .channelType(EpollServerDomainSocketChannel.class)
                    .bossEventLoopGroup(loop)
                    .workerEventLoopGroup(loop)
                    .withChildOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                    .executor(calls)
                    .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .addService(new EngineService(devices, facts, events, calls))
                    .addService(new PoolsService(pools, devices))
                    // The last one comes first.
                    .intercept(new ErrorMapping())
                    .intercept(new RequestLog())
                    .intercept(Peer.allowRootAnd(SocketFolder.ownUid()))
                    .build()
                    .start();
            return new EngineServer(socket, loop, calls, server);
        } catch (IOException failure) {
            loop.shutdownGracefully();
            calls.shutdown();
            throw new UncheckedIOException("listening on " + socket, failure);
        }
    }

    /** As many threads as there are calls under way, up to a limit: further calls wait. */
    private static ExecutorService callThreads() {
        IdleFirst waiting = new IdleFirst();
        return new ThreadPoolExecutor(
                0,
                MAX_CALL_THREADS,
                IDLE_THREAD_S,
                TimeUnit.SECONDS,
                waiting,
                Thread.ofPlatform().name("api-call-", 0).daemon().factory(),
                (call, threads) -> {
                    if (threads.isShutdown()) {
                        throw new RejectedExecutionException("the engine ends");
                    }
                    waiting.put(call);
                });
    }

    /** Takes a call only for a thread that is idle, so that the executor starts one where there is none. */
    private static final class IdleFirst extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public boolean offer(Runnable call) {
            return tryTransfer(call);
        }
    }

    public Path socket() {
        return socket;
    }

    /** Takes no more calls; does not wait for those under way. */
    public void stopListening() {
        server.shutdown();
    }

    /** Takes no more calls, and waits a little for those under way. */
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(SHUTDOWN_S, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            server.shutdownNow();
        }
        loop.shutdownGracefully(0, SHUTDOWN_S, TimeUnit.SECONDS);
        calls.shutdown();
    }
}
