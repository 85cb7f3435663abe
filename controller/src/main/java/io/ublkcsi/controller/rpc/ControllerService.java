package io.ublkcsi.controller.rpc;

import io.grpc.stub.StreamObserver;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.guard.OperationGuard;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.rpc.Answer;
import io.ublkcsi.common.rpc.RpcContext;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.validation.Fields;
import io.ublkcsi.controller.snapshot.CreateSnapshot;
import io.ublkcsi.controller.snapshot.ListSnapshots;
import io.ublkcsi.controller.volume.CreateVolume;
import io.ublkcsi.controller.volume.ExpandVolume;
import io.ublkcsi.proto.csi.v1.ControllerExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.ControllerExpandVolumeResponse;
import io.ublkcsi.proto.csi.v1.ControllerGetCapabilitiesRequest;
import io.ublkcsi.proto.csi.v1.ControllerGetCapabilitiesResponse;
import io.ublkcsi.proto.csi.v1.ControllerGetVolumeHealthRequest;
import io.ublkcsi.proto.csi.v1.ControllerGetVolumeHealthResponse;
import io.ublkcsi.proto.csi.v1.ControllerGetVolumeRequest;
import io.ublkcsi.proto.csi.v1.ControllerGetVolumeResponse;
import io.ublkcsi.proto.csi.v1.ControllerGrpc;
import io.ublkcsi.proto.csi.v1.ControllerListVolumeHealthRequest;
import io.ublkcsi.proto.csi.v1.ControllerListVolumeHealthResponse;
import io.ublkcsi.proto.csi.v1.ControllerModifyVolumeRequest;
import io.ublkcsi.proto.csi.v1.ControllerModifyVolumeResponse;
import io.ublkcsi.proto.csi.v1.ControllerPublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.ControllerPublishVolumeResponse;
import io.ublkcsi.proto.csi.v1.ControllerUnpublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.ControllerUnpublishVolumeResponse;
import io.ublkcsi.proto.csi.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.csi.v1.CreateSnapshotResponse;
import io.ublkcsi.proto.csi.v1.CreateVolumeRequest;
import io.ublkcsi.proto.csi.v1.CreateVolumeResponse;
import io.ublkcsi.proto.csi.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.csi.v1.DeleteSnapshotResponse;
import io.ublkcsi.proto.csi.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.csi.v1.DeleteVolumeResponse;
import io.ublkcsi.proto.csi.v1.GetCapacityRequest;
import io.ublkcsi.proto.csi.v1.GetCapacityResponse;
import io.ublkcsi.proto.csi.v1.GetSnapshotRequest;
import io.ublkcsi.proto.csi.v1.GetSnapshotResponse;
import io.ublkcsi.proto.csi.v1.ListSnapshotsRequest;
import io.ublkcsi.proto.csi.v1.ListSnapshotsResponse;
import io.ublkcsi.proto.csi.v1.ListVolumesRequest;
import io.ublkcsi.proto.csi.v1.ListVolumesResponse;
import io.ublkcsi.proto.csi.v1.ValidateVolumeCapabilitiesRequest;
import io.ublkcsi.proto.csi.v1.ValidateVolumeCapabilitiesResponse;

/**
 * CSI Controller. Each method checks its request, makes sure that it is the only one at work on its volume, has a use
 * case do the work, and answers. Faults become status codes outside.
 */
public final class ControllerService extends ControllerGrpc.ControllerImplBase {
    private final Driver driver;
    private final UseCases cases;
    private final OperationGuard guard = new OperationGuard();

    public ControllerService(Driver driver, UseCases cases) {
        this.driver = driver;
        this.cases = cases;
    }

    @Override
    public void createVolume(CreateVolumeRequest request, StreamObserver<CreateVolumeResponse> answer) {
        CreateVolume.Order order = Orders.createVolume(request);
        Entry<VolumeSpec, VolumeStatus> volume = guard.alone(
                "volume " + order.id(),
                "CreateVolume",
                () -> cases.createVolume().run(order, RpcContext.deadline()));
        Answer.with(
                answer,
                CreateVolumeResponse.newBuilder()
                        .setVolume(Answers.volume(volume))
                        .build());
    }

    @Override
    public void deleteVolume(DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> answer) {
        String id = Fields.id("volume_id", request.getVolumeId());
        guard.alone("volume " + id, "DeleteVolume", () -> cases.deleteVolume().run(id, RpcContext.deadline()));
        Answer.with(answer, DeleteVolumeResponse.getDefaultInstance());
    }

    @Override
    public void controllerExpandVolume(
            ControllerExpandVolumeRequest request, StreamObserver<ControllerExpandVolumeResponse> answer) {
        ExpandVolume.Order order = Orders.expandVolume(request);
        long size = guard.alone(
                "volume " + order.id(),
                "ControllerExpandVolume",
                () -> cases.expandVolume().run(order, RpcContext.deadline()));
        Answer.with(
                answer,
                ControllerExpandVolumeResponse.newBuilder()
                        .setCapacityBytes(size)
                        .setNodeExpansionRequired(true)
                        .build());
    }

    @Override
    public void validateVolumeCapabilities(
            ValidateVolumeCapabilitiesRequest request, StreamObserver<ValidateVolumeCapabilitiesResponse> answer) {
        String id = Confirmation.check(request);
        Answer.with(answer, Confirmation.of(cases.volume(id), request));
    }

    @Override
    public void listVolumes(ListVolumesRequest request, StreamObserver<ListVolumesResponse> answer) {
        int max = Orders.maxEntries(request.getMaxEntries());
        Answer.with(answer, Answers.volumes(cases.listVolumes().run(max, request.getStartingToken())));
    }

    @Override
    public void controllerGetVolume(
            ControllerGetVolumeRequest request, StreamObserver<ControllerGetVolumeResponse> answer) {
        String id = Fields.id("volume_id", request.getVolumeId());
        Answer.with(answer, Answers.oneVolume(cases.volume(id)));
    }

    @Override
    public void getCapacity(GetCapacityRequest request, StreamObserver<GetCapacityResponse> answer) {
        Answer.with(answer, Answers.capacity(cases.getCapacity().run(Orders.capacity(request))));
    }

    @Override
    public void createSnapshot(CreateSnapshotRequest request, StreamObserver<CreateSnapshotResponse> answer) {
        CreateSnapshot.Order order = Orders.createSnapshot(request);
        Entry<SnapshotSpec, SnapshotStatus> snapshot = guard.alone(
                "snapshot " + order.id(),
                "CreateSnapshot",
                () -> cases.createSnapshot().run(order, RpcContext.deadline()));
        Answer.with(
                answer,
                CreateSnapshotResponse.newBuilder()
                        .setSnapshot(Answers.snapshot(snapshot))
                        .build());
    }

    @Override
    public void deleteSnapshot(DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> answer) {
        String id = Fields.id("snapshot_id", request.getSnapshotId());
        guard.alone(
                "snapshot " + id, "DeleteSnapshot", () -> cases.deleteSnapshot().run(id, RpcContext.deadline()));
        Answer.with(answer, DeleteSnapshotResponse.getDefaultInstance());
    }

    @Override
    public void listSnapshots(ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> answer) {
        int max = Orders.maxEntries(request.getMaxEntries());
        ListSnapshots.Question question = new ListSnapshots.Question(
                request.getSnapshotId(), request.getSourceVolumeId(), max, request.getStartingToken());
        Answer.with(answer, Answers.snapshots(cases.listSnapshots().run(question)));
    }

    @Override
    public void getSnapshot(GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> answer) {
        String id = Fields.id("snapshot_id", request.getSnapshotId());
        Answer.with(
                answer,
                GetSnapshotResponse.newBuilder()
                        .setSnapshot(Answers.snapshot(cases.snapshot(id)))
                        .build());
    }

    @Override
    public void controllerGetVolumeHealth(
            ControllerGetVolumeHealthRequest request, StreamObserver<ControllerGetVolumeHealthResponse> answer) {
        String id = Fields.id("volume_id", request.getVolumeId());
        Answer.with(
                answer,
                ControllerGetVolumeHealthResponse.newBuilder()
                        .setVolumeHealth(Answers.health(cases.health().of(id)))
                        .build());
    }

    @Override
    public void controllerListVolumeHealth(
            ControllerListVolumeHealthRequest request, StreamObserver<ControllerListVolumeHealthResponse> answer) {
        int max = Orders.maxEntries(request.getMaxEntries());
        Answer.with(answer, Answers.healths(cases.health().list(max, request.getStartingToken())));
    }

    @Override
    public void controllerModifyVolume(
            ControllerModifyVolumeRequest request, StreamObserver<ControllerModifyVolumeResponse> answer) {
        throw new CsiFault.Unsupported("this driver's volumes have no mutable parameters (MODIFY_VOLUME)");
    }

    @Override
    public void controllerPublishVolume(
            ControllerPublishVolumeRequest request, StreamObserver<ControllerPublishVolumeResponse> answer) {
        throw new CsiFault.Unsupported("local volumes need no attaching; set attachRequired: false in the CSIDriver");
    }

    @Override
    public void controllerUnpublishVolume(
            ControllerUnpublishVolumeRequest request, StreamObserver<ControllerUnpublishVolumeResponse> answer) {
        throw new CsiFault.Unsupported("local volumes need no attaching; set attachRequired: false in the CSIDriver");
    }

    @Override
    public void controllerGetCapabilities(
            ControllerGetCapabilitiesRequest request, StreamObserver<ControllerGetCapabilitiesResponse> answer) {
        Answer.with(answer, ControllerCapabilities.at(driver.specLevel()));
    }
}
