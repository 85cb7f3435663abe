package io.ublkcsi.e2e;

import io.grpc.ManagedChannel;
import io.ublkcsi.proto.csi.v1.CapacityRange;
import io.ublkcsi.proto.csi.v1.ControllerExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.ControllerGrpc;
import io.ublkcsi.proto.csi.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.csi.v1.CreateVolumeRequest;
import io.ublkcsi.proto.csi.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.csi.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.csi.v1.IdentityGrpc;
import io.ublkcsi.proto.csi.v1.NodeExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeStatsRequest;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeStatsResponse;
import io.ublkcsi.proto.csi.v1.NodeGrpc;
import io.ublkcsi.proto.csi.v1.NodePublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeStageVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnpublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnstageVolumeRequest;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessMode.Mode;
import io.ublkcsi.proto.csi.v1.VolumeContentSource;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * The calls of a container orchestrator to the two plugins, in few words. Volumes are staged and published in a folder,
 * below names of the caller's. Every call has two minutes.
 */
final class CsiCalls {
    private static final long DEADLINE_SECONDS = 120;

    private final ManagedChannel node;
    private final ManagedChannel controller;
    private final Path folder;

    CsiCalls(String nodeSocket, String controllerSocket, Path folder) {
        this.node = Guest.channel(nodeSocket);
        this.controller = Guest.channel(controllerSocket);
        this.folder = folder;
    }

    IdentityGrpc.IdentityBlockingStub identity() {
        return IdentityGrpc.newBlockingStub(node).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    NodeGrpc.NodeBlockingStub node() {
        return NodeGrpc.newBlockingStub(node).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    ControllerGrpc.ControllerBlockingStub controller() {
        return ControllerGrpc.newBlockingStub(controller).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    static VolumeCapability mounted(String filesystem, Mode mode) {
        return VolumeCapability.newBuilder()
                .setMount(VolumeCapability.MountVolume.newBuilder().setFsType(filesystem))
                .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(mode))
                .build();
    }

    static VolumeCapability mounted(String filesystem) {
        return mounted(filesystem, Mode.SINGLE_NODE_WRITER);
    }

    static VolumeCapability raw() {
        return VolumeCapability.newBuilder()
                .setBlock(VolumeCapability.BlockVolume.getDefaultInstance())
                .setAccessMode(VolumeCapability.AccessMode.newBuilder().setMode(Mode.SINGLE_NODE_WRITER))
                .build();
    }

    static UnaryOperator<CreateVolumeRequest.Builder> fromSnapshot(String snapshot) {
        return request -> request.setVolumeContentSource(VolumeContentSource.newBuilder()
                .setSnapshot(VolumeContentSource.SnapshotSource.newBuilder().setSnapshotId(snapshot)));
    }

    static UnaryOperator<CreateVolumeRequest.Builder> cloneOf(String volume) {
        return request -> request.setVolumeContentSource(VolumeContentSource.newBuilder()
                .setVolume(VolumeContentSource.VolumeSource.newBuilder().setVolumeId(volume)));
    }

    /** The id of a volume in the pool of the guest. */
    String create(
            String name, long bytes, VolumeCapability use, UnaryOperator<CreateVolumeRequest.Builder> particulars) {
        CreateVolumeRequest.Builder request = CreateVolumeRequest.newBuilder()
                .setName(name)
                .putParameters("pool", Guest.POOL)
                .setCapacityRange(range(bytes))
                .addVolumeCapabilities(use);
        return controller()
                .createVolume(particulars.apply(request).build())
                .getVolume()
                .getVolumeId();
    }

    String snapshot(String name, String volume) {
        CreateSnapshotRequest request = CreateSnapshotRequest.newBuilder()
                .setName(name)
                .setSourceVolumeId(volume)
                .build();
        return controller().createSnapshot(request).getSnapshot().getSnapshotId();
    }

    void deleteSnapshot(String snapshot) {
        controller()
                .deleteSnapshot(DeleteSnapshotRequest.newBuilder()
                        .setSnapshotId(snapshot)
                        .build());
    }

    void delete(String volume) {
        controller()
                .deleteVolume(
                        DeleteVolumeRequest.newBuilder().setVolumeId(volume).build());
    }

    void stage(String name, String volume, VolumeCapability use) {
        node().nodeStageVolume(NodeStageVolumeRequest.newBuilder()
                .setVolumeId(volume)
                .setStagingTargetPath(staging(name))
                .setVolumeCapability(use)
                .build());
    }

    void publish(String name, String volume, VolumeCapability use) {
        node().nodePublishVolume(NodePublishVolumeRequest.newBuilder()
                .setVolumeId(volume)
                .setStagingTargetPath(staging(name))
                .setTargetPath(target(name))
                .setVolumeCapability(use)
                .build());
    }

    void unpublish(String name, String volume) {
        node().nodeUnpublishVolume(NodeUnpublishVolumeRequest.newBuilder()
                .setVolumeId(volume)
                .setTargetPath(target(name))
                .build());
    }

    void unstage(String name, String volume) {
        node().nodeUnstageVolume(unstageRequest(name, volume));
    }

    NodeUnstageVolumeRequest unstageRequest(String name, String volume) {
        return NodeUnstageVolumeRequest.newBuilder()
                .setVolumeId(volume)
                .setStagingTargetPath(staging(name))
                .build();
    }

    void expandController(String volume, long bytes) {
        controller()
                .controllerExpandVolume(ControllerExpandVolumeRequest.newBuilder()
                        .setVolumeId(volume)
                        .setCapacityRange(range(bytes))
                        .build());
    }

    void expandNode(String name, String volume, long bytes) {
        node().nodeExpandVolume(NodeExpandVolumeRequest.newBuilder()
                .setVolumeId(volume)
                .setVolumePath(target(name))
                .setCapacityRange(range(bytes))
                .build());
    }

    NodeGetVolumeStatsResponse stats(String name, String volume) {
        return node().nodeGetVolumeStats(NodeGetVolumeStatsRequest.newBuilder()
                .setVolumeId(volume)
                .setVolumePath(target(name))
                .build());
    }

    String staging(String name) {
        return folder.resolve("staging-" + name).toString();
    }

    String target(String name) {
        return folder.resolve("pod-" + name).toString();
    }

    private static CapacityRange range(long bytes) {
        return CapacityRange.newBuilder().setRequiredBytes(bytes).build();
    }
}
