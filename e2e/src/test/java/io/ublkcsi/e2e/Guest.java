package io.ublkcsi.e2e;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DataPath;
import io.ublkcsi.proto.engine.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.HandshakeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeResponse;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import io.ublkcsi.proto.engine.v1.Provisioning;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * The guest that the suite runs in: its engine's API, its pools, its kernel. {@code guest-main} prepares all of it
 * and says where it is in the environment.
 */
final class Guest {
    static final long MIB = 1L << 20;
    /** The file pool on XFS. */
    static final String POOL = "local";

    private static final long DEADLINE_SECONDS = 120;

    private Guest() {}

    /** The engine's API; made when it is first asked for. */
    private static final class Api {
        static final ManagedChannel CHANNEL = channel(environment("E2E_SOCKET"));
    }

    /** Held, because a logger that nobody holds forgets its level. gRPC sets an option that Unix sockets lack. */
    private static final Logger NETTY = Logger.getLogger("io.netty");

    static {
        NETTY.setLevel(Level.SEVERE);
    }

    static ManagedChannel channel(String socket) {
        return channelTo(socket).build();
    }

    static NettyChannelBuilder channelTo(String socket) {
        return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
                .overrideAuthority("localhost")
                .usePlaintext();
    }

    static String environment(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set: this suite runs inside a guest, started by e2e/test");
        }
        return value;
    }

    static EngineGrpc.EngineBlockingStub engine() {
        return EngineGrpc.newBlockingStub(Api.CHANNEL).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    static PoolsGrpc.PoolsBlockingStub pools() {
        return PoolsGrpc.newBlockingStub(Api.CHANNEL).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** The directory behind {@link #POOL}. */
    static Path poolDirectory() {
        return Path.of(environment("E2E_POOL"));
    }

    static long enginePid() {
        return Long.parseLong(environment("E2E_ENGINE_PID"));
    }

    static HandshakeResponse handshake() {
        return engine().handshake(HandshakeRequest.newBuilder()
                .setMaxRevision(1)
                .setMinRevision(1)
                .setClient("e2e")
                .build());
    }

    static boolean kernelHas(String feature) {
        return handshake().getKernelFeaturesList().contains(feature);
    }

    /** The data paths that this kernel can do, also while engines die. */
    static Stream<DataPath> dataPaths() {
        Stream.Builder<DataPath> paths = Stream.builder();
        paths.add(DataPath.DATA_PATH_PLAIN_COPY).add(DataPath.DATA_PATH_USER_COPY);
        if (kernelHas("AUTO_BUF_REG")) {
            paths.add(DataPath.DATA_PATH_ZERO_COPY_MANUAL).add(DataPath.DATA_PATH_ZERO_COPY_AUTO);
        }
        return paths.build();
    }

    /** Those, and one on which no engine may end. */
    static Stream<DataPath> dataPathsOfTheLiving() {
        return kernelHas("BATCH_IO")
                ? Stream.concat(dataPaths(), Stream.of(DataPath.DATA_PATH_ZERO_COPY_BATCH))
                : dataPaths();
    }

    /** The name on the command line. */
    static String label(DataPath path) {
        return path.name().replace("DATA_PATH_", "").toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static void create(String pool, String volume, long bytes) {
        pools().createVolume(CreateVolumeRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(volume)
                .setSizeBytes(bytes)
                .setProvisioning(Provisioning.PROVISIONING_THIN)
                .build());
    }

    static void delete(String pool, String volume) {
        pools().deleteVolume(DeleteVolumeRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(volume)
                .build());
    }

    static Device attach(String pool, String volume, AttachOptions options) {
        return engine().attach(AttachRequest.newBuilder()
                        .setPool(pool)
                        .setVolumeId(volume)
                        .setOptions(options)
                        .build())
                .getDevice();
    }

    static Device attach(String pool, String volume) {
        return attach(pool, volume, AttachOptions.getDefaultInstance());
    }

    static void detach(String pool, String volume) {
        engine().detach(DetachRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(volume)
                .build());
    }

    static List<Device> devices() {
        return engine().listDevices(ListDevicesRequest.getDefaultInstance()).getDevicesList();
    }

    /** How many reads, and how many writes, a device has not answered. */
    static String inFlight(String device) {
        Path name = Path.of(device).getFileName();
        return Shell.read(Path.of("/sys/block", name.toString(), "inflight")).strip();
    }

    /** {@code queue} directory of a device in sysfs. */
    static String queueSysfs(Device device) {
        return "/sys/block/" + Path.of(device.getPath()).getFileName() + "/queue/";
    }
}
