import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A connection to the engine for programs of this folder, which are run from their source. */
final class EngineClient implements AutoCloseable {
    static final Path SOCKET = Path.of("/run/ublk-csi/engine.sock");
    static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(600);
    private static final String POOL = "files";

    private final MultiThreadIoEventLoopGroup loop;
    private final ManagedChannel channel;

    EngineClient() {
        loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(SOCKET.toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loop)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
    }

    void create(String volume, long bytes) {
        PoolsGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE_NS, TimeUnit.NANOSECONDS)
                .createVolume(CreateVolumeRequest.newBuilder()
                        .setPool(POOL)
                        .setVolumeId(volume)
                        .setSizeBytes(bytes)
                        .build());
    }

    /** Answers the device's path. */
    String attach(String volume) {
        return EngineGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(DEADLINE_NS, TimeUnit.NANOSECONDS)
                .attach(AttachRequest.newBuilder()
                        .setPool(POOL)
                        .setVolumeId(volume)
                        .build())
                .getDevice()
                .getPath();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
