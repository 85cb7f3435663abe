package io.ublkcsi.engine.service;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.ublkcsi.engine.control.FakeDevices;
import io.ublkcsi.engine.pool.FakePool;
import io.ublkcsi.engine.pool.PoolRegistry;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real server on a real socket, over fake devices and a fake pool {@code p}. */
public final class RunningServer implements AutoCloseable {
    private static final int DEADLINE_S = 120;

    private final Path folder;
    private final Path socket;
    private final FakeDevices devices = new FakeDevices();
    private final PoolRegistry pools = PoolRegistry.open(List.of());
    private final EventBus events = new EventBus();
    private final EngineServer server;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManagedChannel channel;

    public RunningServer() {
        try {
            // Not below target: a socket's path has 107 bytes.
            folder = Files.createTempDirectory("ublk-csi");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        socket = folder.resolve("run/engine.sock");
        events.startUpEnds();
        devices.reportTo(events);
        pools.add(new FakePool("p"));
        server = EngineServer.start(
                socket,
                devices,
                pools,
                () -> new EngineFacts.Node("test", "boot-1", List.of("USER_COPY"), List.of(Frontend.FRONTEND_UBLK)),
                events);
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .overrideAuthority("localhost")
                .usePlaintext()
                .eventLoopGroup(loop)
                .channelType(EpollDomainSocketChannel.class)
                .build();
    }

    public Path socket() {
        return socket;
    }

    public FakeDevices devices() {
        return devices;
    }

    EventBus events() {
        return events;
    }

    EngineGrpc.EngineBlockingStub engine() {
        return EngineGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS);
    }

    EngineGrpc.EngineFutureStub asyncEngine() {
        return EngineGrpc.newFutureStub(channel).withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS);
    }

    PoolsGrpc.PoolsBlockingStub pools() {
        return PoolsGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(socket.getParent());
            Files.delete(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
