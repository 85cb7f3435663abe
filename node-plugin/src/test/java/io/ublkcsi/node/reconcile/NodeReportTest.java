package io.ublkcsi.node.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.common.store.PlainVolume;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.stage.Volumes;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.HandshakeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeResponse;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.ListDevicesResponse;
import io.ublkcsi.proto.engine.v1.ListPoolsRequest;
import io.ublkcsi.proto.engine.v1.ListPoolsResponse;
import io.ublkcsi.proto.engine.v1.PoolStatus;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeReportTest {
    private static final long TOTAL = 1000;

    @TempDir
    Path folder;

    /** Bytes that the one pool has; negative: the engine can't say. */
    private volatile long available = 500;

    private Server server;
    private ManagedChannel channel;
    private FileVolumeStore store;

    @BeforeEach
    void start() throws IOException {
        server = InProcessServerBuilder.forName("report-" + folder)
                .addService(new OnePool())
                .addService(new OneDevice())
                .build()
                .start();
        channel = InProcessChannelBuilder.forName("report-" + folder).build();
        store = FileVolumeStore.open(folder);
    }

    @AfterEach
    void end() {
        channel.shutdownNow();
        server.shutdownNow();
        store.close();
    }

    private final class OnePool extends PoolsGrpc.PoolsImplBase {
        @Override
        public void listPools(ListPoolsRequest request, StreamObserver<ListPoolsResponse> answer) {
            if (available < 0) {
                answer.onError(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            answer.onNext(ListPoolsResponse.newBuilder()
                    .addPools(PoolStatus.newBuilder()
                            .setName("local")
                            .setTotalBytes(TOTAL)
                            .setAvailableBytes(available)
                            .setMaximumVolumeBytes(available))
                    .build());
            answer.onCompleted();
        }
    }

    private static final class OneDevice extends EngineGrpc.EngineImplBase {
        @Override
        public void handshake(HandshakeRequest request, StreamObserver<HandshakeResponse> answer) {
            answer.onNext(HandshakeResponse.newBuilder().setRevision(1).build());
            answer.onCompleted();
        }

        @Override
        public void listDevices(ListDevicesRequest request, StreamObserver<ListDevicesResponse> answer) {
            answer.onNext(ListDevicesResponse.newBuilder()
                    .addDevices(Device.newBuilder()
                            .setPool("local")
                            .setVolumeId("v")
                            .setPath("/dev/sda")
                            .setFrontend(Frontend.FRONTEND_TCMU)
                            .setFrontendReason("auto: the first that this node has; ublk: load ublk_drv"))
                    .build());
            answer.onCompleted();
        }
    }

    private NodeReport report(Duration takeover) {
        return new NodeReport(store, "node-1", new EngineClient(channel), () -> new MountTable(List.of()), takeover);
    }

    private PoolReport pool() {
        return store.pools().getFirst();
    }

    @Test
    void whatMattersIsWrittenAtOnceAndLittleThingsLater() {
        NodeReport report = report(Duration.ZERO);
        report.pools();
        assertThat(pool().availableBytes()).isEqualTo(500);
        available = 495;
        report.pools();
        assertThat(pool().availableBytes()).isEqualTo(500);
        available = 490;
        report.pools();
        assertThat(pool().availableBytes()).isEqualTo(490);
    }

    @Test
    void nobodyCountsOnThePoolsOfAnEngineThatIsAwayForLong() {
        report(Duration.ZERO).pools();
        available = -1;
        NodeReport patient = report(Duration.ofMinutes(1));
        assertThatThrownBy(patient::pools).isInstanceOf(CsiFault.Unavailable.class);
        assertThat(pool().usable()).isTrue();
        NodeReport successor = report(Duration.ZERO);
        assertThatThrownBy(successor::pools).isInstanceOf(CsiFault.Unavailable.class);
        assertThat(pool().problem()).contains("does not answer");
        available = 500;
        successor.pools();
        assertThat(pool().usable()).isTrue();
    }

    @Test
    void theRecordOfAVolumeSaysWhatShowsItAndWhy() {
        store.volumes().add(PlainVolume.of("v", 1 << 30));
        report(Duration.ZERO).devices();
        assertThat(store.volumes().get("v").orElseThrow().status().shownBy())
                .isEqualTo("/dev/sda by tcmu, auto: the first that this node has; ublk: load ublk_drv");
        store.volumes().report("v", status -> status.withDevice(false, false));
        assertThat(store.volumes().get("v").orElseThrow().status().shownBy()).isEmpty();
    }

    /** The look reads the mounts while the stage has attached the device and not mounted it yet. */
    @Test
    void aVolumeThatAPodHasIsInUseThoughALookMissedItsMount() {
        Volumes volumes = new Volumes(store, "node-1");
        store.volumes().add(PlainVolume.of("v", 1 << 30));
        volumes.device("v", true);
        report(Duration.ZERO).devices();
        assertThat(store.volumes().get("v").orElseThrow().status().inUse()).isFalse();
        volumes.published("v", new VolumeStatus.Pod("shop", "cart-0", "uid"));
        assertThat(store.volumes().get("v").orElseThrow().status().inUse()).isTrue();
    }
}
