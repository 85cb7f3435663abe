package io.ublkcsi.engine.service;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.DeviceControl;
import io.ublkcsi.engine.control.DeviceView;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.AttachResponse;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.DetachResponse;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.Event;
import io.ublkcsi.proto.engine.v1.GetStatsRequest;
import io.ublkcsi.proto.engine.v1.GetStatsResponse;
import io.ublkcsi.proto.engine.v1.HandshakeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeResponse;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.ListDevicesResponse;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import io.ublkcsi.proto.engine.v1.ResizeResponse;
import io.ublkcsi.proto.engine.v1.WatchRequest;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** The API's half about devices. Calls block their own thread for as long as the kernel takes. */
final class EngineService extends EngineGrpc.EngineImplBase {
    /** The revisions of engine.proto that this engine speaks. */
    static final int MIN_REVISION = 1;

    static final int MAX_REVISION = 1;

    private final DeviceControl devices;
    private final EngineFacts facts;
    private final EventBus events;
    private final Executor executor;

    /**
     * @param executor where watchers are written to
     */
    EngineService(DeviceControl devices, EngineFacts facts, EventBus events, Executor executor) {
        this.devices = devices;
        this.facts = facts;
        this.events = events;
        this.executor = executor;
    }

    @Override
    public void handshake(HandshakeRequest request, StreamObserver<HandshakeResponse> observer) {
        Answer.with(observer, () -> {
            EngineFacts.Node node = facts.node();
            return HandshakeResponse.newBuilder()
                    .setRevision(commonRevision(request))
                    .setEngineVersion(node.engineVersion())
                    .setBootId(node.bootId())
                    .addAllKernelFeatures(node.kernelFeatures())
                    .addAllFrontends(node.frontends())
                    .build();
        });
    }

    private static int commonRevision(HandshakeRequest request) {
        int common = Math.min(MAX_REVISION, request.getMaxRevision());
        if (common < MIN_REVISION || common < request.getMinRevision()) {
            boolean clientIsOlder = request.getMaxRevision() < MIN_REVISION;
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "this engine speaks revisions " + MIN_REVISION + " to " + MAX_REVISION
                            + " of its API and the client "
                            + request.getMinRevision() + " to " + request.getMaxRevision() + ": upgrade the "
                            + (clientIsOlder ? "client" : "engine"));
        }
        return common;
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
        Answer.with(observer, () -> {
            VolumeKey volume = DeviceMessages.key(request.getPool(), request.getVolumeId());
            DeviceView device = devices.attach(volume, DeviceMessages.options(request.getOptions()));
            return AttachResponse.newBuilder()
                    .setDevice(DeviceMessages.device(device))
                    .build();
        });
    }

    @Override
    public void detach(DetachRequest request, StreamObserver<DetachResponse> observer) {
        Answer.with(observer, () -> {
            devices.detach(DeviceMessages.key(request.getPool(), request.getVolumeId()), request.getForce());
            return DetachResponse.getDefaultInstance();
        });
    }

    @Override
    public void resize(ResizeRequest request, StreamObserver<ResizeResponse> observer) {
        Answer.with(observer, () -> {
            long bytes = devices.resize(DeviceMessages.key(request.getPool(), request.getVolumeId()));
            return ResizeResponse.newBuilder().setSizeBytes(bytes).build();
        });
    }

    @Override
    public void listDevices(ListDevicesRequest request, StreamObserver<ListDevicesResponse> observer) {
        Answer.with(
                observer,
                () -> ListDevicesResponse.newBuilder()
                        .addAllDevices(devices.devices().stream()
                                .map(DeviceMessages::device)
                                .toList())
                        .addAllForeign(devices.foreign().stream()
                                .map(EngineService::foreign)
                                .toList())
                        .addAllNotices(devices.notices())
                        .build());
    }

    private static io.ublkcsi.proto.engine.v1.ForeignDevice foreign(ForeignDevice device) {
        return io.ublkcsi.proto.engine.v1.ForeignDevice.newBuilder()
                .setFrontend(DeviceMessages.frontend(device.kind()))
                .setDeviceId(device.id())
                .setOwner(device.owner())
                .build();
    }

    @Override
    public void getStats(GetStatsRequest request, StreamObserver<GetStatsResponse> observer) {
        Answer.with(
                observer,
                () -> GetStatsResponse.newBuilder()
                        .addAllDevices(wanted(request).stream()
                                .map(DeviceMessages::stats)
                                .toList())
                        .build());
    }

    private List<DeviceView> wanted(GetStatsRequest request) {
        Stream<DeviceView> all = devices.devices().stream();
        if (request.getPool().isEmpty() && request.getVolumeId().isEmpty()) {
            return all.toList();
        }
        VolumeKey volume = DeviceMessages.key(request.getPool(), request.getVolumeId());
        List<DeviceView> found =
                all.filter(device -> device.volume().equals(volume)).toList();
        if (found.isEmpty()) {
            throw new EngineException(Kind.NOT_FOUND, "volume " + volume + " is not attached on this node");
        }
        return found;
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<Event> observer) {
        ServerCallStreamObserver<Event> watcher = (ServerCallStreamObserver<Event>) observer;
        EventStream stream = new EventStream(watcher, executor);
        watcher.setOnReadyHandler(stream::send);
        watcher.setOnCancelHandler(() -> events.remove(stream));
        events.add(stream);
    }
}
