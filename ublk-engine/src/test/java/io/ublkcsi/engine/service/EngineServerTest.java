package io.ublkcsi.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.engine.control.FakeDevices;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.AttachResponse;
import io.ublkcsi.proto.engine.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DataPath;
import io.ublkcsi.proto.engine.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import io.ublkcsi.proto.engine.v1.Event;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.GetStatsRequest;
import io.ublkcsi.proto.engine.v1.GetVolumeRequest;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeResponse;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.ListPoolsRequest;
import io.ublkcsi.proto.engine.v1.MarkFormattedRequest;
import io.ublkcsi.proto.engine.v1.Provisioning;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import io.ublkcsi.proto.engine.v1.Snapshot;
import io.ublkcsi.proto.engine.v1.Volume;
import io.ublkcsi.proto.engine.v1.VolumeState;
import io.ublkcsi.proto.engine.v1.WatchRequest;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The API as a client sees it, through the real transport. */
class EngineServerTest {
    private final RunningServer server = new RunningServer();

    @AfterEach
    void close() {
        server.close();
    }

    private static AttachRequest attach(String volume) {
        return AttachRequest.newBuilder().setPool("p").setVolumeId(volume).build();
    }

    private static void assertStatus(Status.Code code, String sentence, ThrowingCallable call) {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure).as("nothing was refused").isNotNull();
        assertThat(failure.getStatus().getDescription()).contains(sentence);
        assertThat(failure.getStatus().getCode()).isEqualTo(code);
    }

    @Test
    void handshakeFindsTheCommonRevision() {
        HandshakeResponse answer = server.engine()
                .handshake(HandshakeRequest.newBuilder()
                        .setMinRevision(1)
                        .setMaxRevision(9)
                        .build());

        assertThat(answer.getRevision()).isEqualTo(1);
        assertThat(answer.getBootId()).isEqualTo("boot-1");
        assertThat(answer.getKernelFeaturesList()).containsExactly("USER_COPY");
        assertThat(answer.getFrontendsList()).containsExactly(Frontend.FRONTEND_UBLK);
    }

    @Test
    void handshakeWithoutACommonRevisionSaysWhoIsTooOld() {
        assertStatus(
                Status.Code.FAILED_PRECONDITION,
                "upgrade the engine",
                () -> server.engine()
                        .handshake(HandshakeRequest.newBuilder()
                                .setMinRevision(2)
                                .setMaxRevision(3)
                                .build()));
        assertStatus(
                Status.Code.FAILED_PRECONDITION,
                "upgrade the client",
                () -> server.engine().handshake(HandshakeRequest.getDefaultInstance()));
    }

    @Test
    void attachAnswersTheDevice() {
        Device device = server.engine()
                .attach(attach("v").toBuilder()
                        .setOptions(AttachOptions.newBuilder().setDepth(64))
                        .build())
                .getDevice();

        assertThat(device.getPath()).isEqualTo("/dev/ublkb0");
        assertThat(device.getMajor()).isEqualTo(259);
        assertThat(device.getState()).isEqualTo(DeviceState.DEVICE_STATE_LIVE);
        assertThat(device.getDataPath()).isEqualTo(DataPath.DATA_PATH_USER_COPY);
        assertThat(device.getOptions().getDepth()).isEqualTo(64);
        assertThat(server.engine()
                        .listDevices(ListDevicesRequest.getDefaultInstance())
                        .getDevicesList())
                .containsExactly(device);
    }

    @Test
    void foreignDevicesAreListedApart() {
        assertThat(server.engine()
                        .listDevices(ListDevicesRequest.getDefaultInstance())
                        .getForeign(0)
                        .getOwner())
                .isEqualTo("process 42");
    }

    @Test
    void badRequestsNeverReachTheDevices() {
        assertStatus(
                Status.Code.INVALID_ARGUMENT, "volume id", () -> server.engine().attach(attach("../etc")));
        assertStatus(
                Status.Code.INVALID_ARGUMENT,
                "4097",
                () -> server.engine()
                        .attach(attach("v").toBuilder()
                                .setOptions(AttachOptions.newBuilder().setDepth(4097))
                                .build()));
        assertStatus(
                Status.Code.INVALID_ARGUMENT,
                "newer than this engine",
                () -> server.engine()
                        .attach(attach("v").toBuilder()
                                .setOptions(AttachOptions.newBuilder().setDataPathValue(99))
                                .build()));
        assertThat(server.devices().calls()).isEmpty();
    }

    @Test
    void secondOperationOnAVolumeIsAbortedAndOthersGoOn() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        server.devices().duringAttach(() -> {
            inside.countDown();
            awaitUninterrupted(leave);
        });
        ListenableFuture<AttachResponse> slow = server.asyncEngine().attach(attach("slow"));
        inside.await();
        server.devices().duringAttach(() -> {});

        assertStatus(
                Status.Code.ABORTED, "another operation", () -> server.engine().attach(attach("slow")));
        assertThat(server.engine().attach(attach("other")).getDevice().getVolumeId())
                .isEqualTo("other");
        leave.countDown();
        assertThat(slow.get().getDevice().getVolumeId()).isEqualTo("slow");
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void detachAndResizeReachTheDevices() {
        server.engine().attach(attach("v"));

        assertThat(server.engine()
                        .resize(ResizeRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("v")
                                .build())
                        .getSizeBytes())
                .isEqualTo(2 * FakeDevices.SIZE_BYTES);
        server.engine()
                .detach(DetachRequest.newBuilder()
                        .setPool("p")
                        .setVolumeId("v")
                        .setForce(true)
                        .build());
        assertThat(server.devices().calls()).containsExactly("attach p/v", "resize p/v", "detach p/v by force");
        assertStatus(
                Status.Code.NOT_FOUND,
                "is not attached",
                () -> server.engine()
                        .resize(ResizeRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("v")
                                .build()));
    }

    @Test
    void statsAreOfOneDeviceOrOfAll() {
        server.engine().attach(attach("a"));
        server.engine().attach(attach("b"));
        server.devices().devices().getFirst().metrics().getFirst().onRequest(1, 4096);

        assertThat(server.engine()
                        .getStats(GetStatsRequest.getDefaultInstance())
                        .getDevicesCount())
                .isEqualTo(2);
        assertThat(server.engine()
                        .getStats(GetStatsRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("a")
                                .build())
                        .getDevices(0)
                        .getOperations(1)
                        .getBytes())
                .isEqualTo(4096);
        assertStatus(
                Status.Code.NOT_FOUND,
                "is not attached",
                () -> server.engine()
                        .getStats(GetStatsRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("c")
                                .build()));
    }

    @Test
    void watcherSeesWhatHappensAndIsForgottenWhenItGoes() throws ExecutionException, InterruptedException {
        Iterator<Event> events = server.engine().watch(WatchRequest.getDefaultInstance());
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> server.events().listeners() == 1);

        server.engine().attach(attach("v"));

        assertThat(events.next().getKind()).isEqualTo("attached");
    }

    @Test
    void volumesFromCreateToDelete() {
        Volume made = server.pools()
                .createVolume(CreateVolumeRequest.newBuilder()
                        .setPool("p")
                        .setVolumeId("v")
                        .setSizeBytes(1 << 20)
                        .build());
        assertThat(made.getState()).isEqualTo(VolumeState.VOLUME_STATE_READY);
        assertThat(made.getProvisioning()).isEqualTo(Provisioning.PROVISIONING_THIN);
        assertThat(server.pools()
                        .growVolume(GrowVolumeRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("v")
                                .setSizeBytes(2 << 20)
                                .build())
                        .getSizeBytes())
                .isEqualTo(2 << 20);
        assertThat(server.pools()
                        .markFormatted(MarkFormattedRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("v")
                                .setFilesystem("xfs")
                                .build())
                        .getFormatted())
                .isTrue();
        server.pools()
                .deleteVolume(DeleteVolumeRequest.newBuilder()
                        .setPool("p")
                        .setVolumeId("v")
                        .build());
        assertStatus(
                Status.Code.NOT_FOUND,
                "there is no volume v",
                () -> server.pools()
                        .getVolume(GetVolumeRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("v")
                                .build()));
    }

    @Test
    void attachedVolumeIsNotDeleted() {
        server.engine().attach(attach("v"));

        assertStatus(
                Status.Code.FAILED_PRECONDITION,
                "is attached",
                () -> server.pools()
                        .deleteVolume(DeleteVolumeRequest.newBuilder()
                                .setPool("p")
                                .setVolumeId("v")
                                .build()));
    }

    @Test
    void snapshotIsTakenWhileTheVolumeIsHeld() {
        server.pools()
                .createVolume(CreateVolumeRequest.newBuilder()
                        .setPool("p")
                        .setVolumeId("v")
                        .setSizeBytes(1 << 20)
                        .build());

        Snapshot made = server.pools()
                .createSnapshot(CreateSnapshotRequest.newBuilder()
                        .setPool("p")
                        .setSnapshotId("s")
                        .setSourceVolumeId("v")
                        .build());

        assertThat(made.getReady()).isTrue();
        assertThat(made.getPauseNs()).isEqualTo(2000);
        assertThat(server.devices().isAttached(new VolumeKey("p", "v"))).isFalse();
        assertThat(server.devices().calls()).containsExactly("hold p/v", "resume p/v");
    }

    @Test
    void poolsShowTheirSpace() {
        assertThat(server.pools()
                        .listPools(ListPoolsRequest.getDefaultInstance())
                        .getPools(0)
                        .getAvailableBytes())
                .isEqualTo(700);
        assertStatus(
                Status.Code.NOT_FOUND,
                "no pool 'q'",
                () -> server.pools()
                        .getVolume(GetVolumeRequest.newBuilder()
                                .setPool("q")
                                .setVolumeId("v")
                                .build()));
    }
}
