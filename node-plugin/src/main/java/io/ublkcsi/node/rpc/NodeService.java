package io.ublkcsi.node.rpc;

import io.grpc.stub.StreamObserver;
import io.ublkcsi.common.guard.OperationGuard;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.rpc.Answer;
import io.ublkcsi.common.rpc.RpcContext;
import io.ublkcsi.common.validation.Fields;
import io.ublkcsi.node.expand.ExpandVolume;
import io.ublkcsi.node.publish.PublishVolume;
import io.ublkcsi.node.publish.UnpublishVolume;
import io.ublkcsi.node.stage.StageVolume;
import io.ublkcsi.node.stage.UnstageVolume;
import io.ublkcsi.proto.csi.v1.NodeExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeExpandVolumeResponse;
import io.ublkcsi.proto.csi.v1.NodeGetCapabilitiesRequest;
import io.ublkcsi.proto.csi.v1.NodeGetCapabilitiesResponse;
import io.ublkcsi.proto.csi.v1.NodeGetInfoRequest;
import io.ublkcsi.proto.csi.v1.NodeGetInfoResponse;
import io.ublkcsi.proto.csi.v1.NodeGetStorageHealthRequest;
import io.ublkcsi.proto.csi.v1.NodeGetStorageHealthResponse;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeHealthRequest;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeHealthResponse;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeStatsRequest;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeStatsResponse;
import io.ublkcsi.proto.csi.v1.NodeGrpc;
import io.ublkcsi.proto.csi.v1.NodePublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodePublishVolumeResponse;
import io.ublkcsi.proto.csi.v1.NodeStageVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeStageVolumeResponse;
import io.ublkcsi.proto.csi.v1.NodeUnpublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnpublishVolumeResponse;
import io.ublkcsi.proto.csi.v1.NodeUnstageVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnstageVolumeResponse;
import java.nio.file.Path;

/**
 * CSI Node. Each method checks its request, makes sure that it is the only one at work on its volume, has a use case do
 * the work, and answers. Questions (stats, health) need no turn.
 */
public final class NodeService extends NodeGrpc.NodeImplBase {
    private final Driver driver;
    private final String node;
    private final long maxVolumes;
    private final UseCases cases;
    private final OperationGuard guard = new OperationGuard();

    /** @param maxVolumes that the node takes; 0: not limited by the driver */
    public NodeService(Driver driver, String node, long maxVolumes, UseCases cases) {
        this.driver = driver;
        this.node = node;
        this.maxVolumes = maxVolumes;
        this.cases = cases;
    }

    @Override
    public void nodeStageVolume(NodeStageVolumeRequest request, StreamObserver<NodeStageVolumeResponse> answer) {
        StageVolume.Order order = Orders.stage(request);
        alone(order.volumeId(), "NodeStageVolume", () -> cases.stage().run(order, RpcContext.deadline()));
        Answer.with(answer, NodeStageVolumeResponse.getDefaultInstance());
    }

    @Override
    public void nodeUnstageVolume(NodeUnstageVolumeRequest request, StreamObserver<NodeUnstageVolumeResponse> answer) {
        UnstageVolume.Order order = Orders.unstage(request);
        alone(order.volumeId(), "NodeUnstageVolume", () -> cases.unstage().run(order, RpcContext.deadline()));
        cases.stats().forget(order.volumeId());
        Answer.with(answer, NodeUnstageVolumeResponse.getDefaultInstance());
    }

    @Override
    public void nodePublishVolume(NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> answer) {
        PublishVolume.Order order = Orders.publish(request);
        alone(order.volumeId(), "NodePublishVolume", () -> cases.publish().run(order, RpcContext.deadline()));
        Answer.with(answer, NodePublishVolumeResponse.getDefaultInstance());
    }

    @Override
    public void nodeUnpublishVolume(
            NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> answer) {
        UnpublishVolume.Order order = Orders.unpublish(request);
        alone(order.volumeId(), "NodeUnpublishVolume", () -> cases.unpublish().run(order, RpcContext.deadline()));
        Answer.with(answer, NodeUnpublishVolumeResponse.getDefaultInstance());
    }

    @Override
    public void nodeExpandVolume(NodeExpandVolumeRequest request, StreamObserver<NodeExpandVolumeResponse> answer) {
        ExpandVolume.Order order = Orders.expand(request);
        long[] size = new long[1];
        alone(
                order.volumeId(),
                "NodeExpandVolume",
                () -> size[0] = cases.expand().run(order, RpcContext.deadline()));
        Answer.with(
                answer,
                NodeExpandVolumeResponse.newBuilder().setCapacityBytes(size[0]).build());
    }

    @Override
    public void nodeGetVolumeStats(
            NodeGetVolumeStatsRequest request, StreamObserver<NodeGetVolumeStatsResponse> answer) {
        String id = Fields.id("volume_id", request.getVolumeId());
        Path path = Fields.anyPath("volume_path", request.getVolumePath());
        Answer.with(answer, Answers.stats(cases.stats().of(id, path)));
    }

    @Override
    public void nodeGetVolumeHealth(
            NodeGetVolumeHealthRequest request, StreamObserver<NodeGetVolumeHealthResponse> answer) {
        String id = Fields.id("volume_id", request.getVolumeId());
        Answer.with(answer, Answers.health(id, cases.health().ofVolume(id)));
    }

    @Override
    public void nodeGetStorageHealth(
            NodeGetStorageHealthRequest request, StreamObserver<NodeGetStorageHealthResponse> answer) {
        Answer.with(answer, Answers.storage(cases.health().ofNode()));
    }

    @Override
    public void nodeGetCapabilities(
            NodeGetCapabilitiesRequest request, StreamObserver<NodeGetCapabilitiesResponse> answer) {
        Answer.with(answer, Answers.capabilities(driver.specLevel()));
    }

    @Override
    public void nodeGetInfo(NodeGetInfoRequest request, StreamObserver<NodeGetInfoResponse> answer) {
        Answer.with(answer, Answers.info(node, maxVolumes));
    }

    private void alone(String volumeId, String operation, Runnable work) {
        guard.alone("volume " + volumeId, operation, work);
    }
}
