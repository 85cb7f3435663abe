package io.ublkcsi.engine.cli;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A connection to an engine's socket. */
final class EngineClient implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final EventLoopGroup loop;
    private final ManagedChannel channel;
    private final long timeoutS;

    /**
     * @param timeoutS deadline of every call
     */
    EngineClient(Path socket, long timeoutS) {
        this.timeoutS = timeoutS;
        loop = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().name("client-io").daemon().factory(), EpollIoHandler.newFactory());
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .overrideAuthority("localhost")
                .usePlaintext()
                .eventLoopGroup(loop)
                .channelType(EpollDomainSocketChannel.class)
                .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .directExecutor()
                .build();
        awaitEngine();
    }

    /** An engine that is being replaced is away for a moment. */
    private void awaitEngine() {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (channel.getState(true) != ConnectivityState.READY && System.nanoTime() < deadlineNs) {
            channel.resetConnectBackoff();
            LockSupport.parkNanos(POLL_NS);
        }
    }

    EngineGrpc.EngineBlockingStub engine() {
        return EngineGrpc.newBlockingStub(channel).withDeadlineAfter(timeoutS, TimeUnit.SECONDS);
    }

    /** Without a deadline, for streams. */
    EngineGrpc.EngineBlockingStub stream() {
        return EngineGrpc.newBlockingStub(channel);
    }

    PoolsGrpc.PoolsBlockingStub pools() {
        return PoolsGrpc.newBlockingStub(channel).withDeadlineAfter(timeoutS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
