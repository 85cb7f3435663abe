package io.ublkcsi.node.fake;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.AttachResponse;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.DetachResponse;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.DeviceState;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.HandshakeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeResponse;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.ListDevicesResponse;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import io.ublkcsi.proto.engine.v1.ResizeResponse;
import java.util.Map;
import java.util.TreeMap;

/** The engine's devices, played over a {@link Backing}; {@link FakePools} plays its pools. One lock for all. */
public final class FakeEngine extends EngineGrpc.EngineImplBase {
    private final FakePools pools;
    private final Backing backing;
    private final Map<String, Device> devices = new TreeMap<>();

    public FakeEngine(FakePools pools, Backing backing) {
        this.pools = pools;
        this.backing = backing;
        pools.attached(devices::containsKey);
    }

    @Override
    public void handshake(HandshakeRequest request, StreamObserver<HandshakeResponse> answer) {
        answer.onNext(HandshakeResponse.newBuilder().setRevision(1).build());
        answer.onCompleted();
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> answer) {
        synchronized (pools) {
            String id = request.getVolumeId();
            if (!pools.exists(id)) {
                answer.onError(
                        Status.NOT_FOUND.withDescription("no volume " + id).asRuntimeException());
                return;
            }
            Device device = devices.computeIfAbsent(id, _ -> show(request));
            if (!device.getOptions().equals(request.getOptions())) {
                answer.onError(
                        Status.ALREADY_EXISTS.withDescription("other options").asRuntimeException());
                return;
            }
            answer.onNext(AttachResponse.newBuilder().setDevice(device).build());
            answer.onCompleted();
        }
    }

    private Device show(AttachRequest request) {
        Backing.Node node =
                backing.attach(request.getVolumeId(), request.getOptions().getReadOnly());
        return Device.newBuilder()
                .setPool(request.getPool())
                .setVolumeId(request.getVolumeId())
                .setPath(node.path())
                .setMajor(node.major())
                .setMinor(node.minor())
                .setState(DeviceState.DEVICE_STATE_LIVE)
                .setSizeBytes(pools.size(request.getVolumeId()))
                .setReadOnly(request.getOptions().getReadOnly())
                .setOptions(request.getOptions())
                .build();
    }

    @Override
    public void detach(DetachRequest request, StreamObserver<DetachResponse> answer) {
        synchronized (pools) {
            Device device = devices.get(request.getVolumeId());
            if (device != null && !backing.detach(node(device))) {
                answer.onError(Status.FAILED_PRECONDITION
                        .withDescription(device.getPath() + " is in use")
                        .asRuntimeException());
                return;
            }
            devices.remove(request.getVolumeId());
            answer.onNext(DetachResponse.getDefaultInstance());
            answer.onCompleted();
        }
    }

    @Override
    public void resize(ResizeRequest request, StreamObserver<ResizeResponse> answer) {
        synchronized (pools) {
            Device device = devices.get(request.getVolumeId());
            if (device == null) {
                answer.onError(Status.NOT_FOUND.withDescription("not attached").asRuntimeException());
                return;
            }
            backing.resize(node(device));
            long size = pools.size(request.getVolumeId());
            devices.put(
                    request.getVolumeId(), device.toBuilder().setSizeBytes(size).build());
            answer.onNext(ResizeResponse.newBuilder().setSizeBytes(size).build());
            answer.onCompleted();
        }
    }

    @Override
    public void listDevices(ListDevicesRequest request, StreamObserver<ListDevicesResponse> answer) {
        synchronized (pools) {
            answer.onNext(ListDevicesResponse.newBuilder()
                    .addAllDevices(devices.values())
                    .build());
            answer.onCompleted();
        }
    }

    private static Backing.Node node(Device device) {
        return new Backing.Node(device.getPath(), device.getMajor(), device.getMinor());
    }
}
