package io.ublkcsi.node.rpc;

import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.validation.Fields;
import io.ublkcsi.common.validation.VolumeUse;
import io.ublkcsi.node.expand.ExpandVolume;
import io.ublkcsi.node.publish.PublishVolume;
import io.ublkcsi.node.publish.UnpublishVolume;
import io.ublkcsi.node.stage.StageVolume;
import io.ublkcsi.node.stage.UnstageVolume;
import io.ublkcsi.proto.csi.v1.NodeExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodePublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeStageVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnpublishVolumeRequest;
import io.ublkcsi.proto.csi.v1.NodeUnstageVolumeRequest;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests of the wire, checked field by field, as orders that the use cases understand. */
final class Orders {
    private Orders() {}

    static StageVolume.Order stage(NodeStageVolumeRequest request) {
        return new StageVolume.Order(
                Fields.id("volume_id", request.getVolumeId()),
                Fields.path("staging_target_path", request.getStagingTargetPath()),
                use(request.hasVolumeCapability(), request.getVolumeCapability()));
    }

    static UnstageVolume.Order unstage(NodeUnstageVolumeRequest request) {
        return new UnstageVolume.Order(
                Fields.id("volume_id", request.getVolumeId()),
                Fields.path("staging_target_path", request.getStagingTargetPath()));
    }

    static PublishVolume.Order publish(NodePublishVolumeRequest request) {
        return new PublishVolume.Order(
                Fields.id("volume_id", request.getVolumeId()),
                Fields.path("staging_target_path", request.getStagingTargetPath()),
                Fields.path("target_path", request.getTargetPath()),
                use(request.hasVolumeCapability(), request.getVolumeCapability()),
                request.getReadonly(),
                pod(request.getVolumeContextMap()));
    }

    /** What the kubelet says when the CSIDriver has podInfoOnMount. */
    private static VolumeStatus.@Nullable Pod pod(Map<String, String> context) {
        String namespace = context.get("csi.storage.k8s.io/pod.namespace");
        String name = context.get("csi.storage.k8s.io/pod.name");
        String uid = context.get("csi.storage.k8s.io/pod.uid");
        return namespace == null || name == null || uid == null ? null : new VolumeStatus.Pod(namespace, name, uid);
    }

    static UnpublishVolume.Order unpublish(NodeUnpublishVolumeRequest request) {
        return new UnpublishVolume.Order(
                Fields.id("volume_id", request.getVolumeId()), Fields.path("target_path", request.getTargetPath()));
    }

    static ExpandVolume.Order expand(NodeExpandVolumeRequest request) {
        Fields.capacity(request.getCapacityRange());
        if (request.hasVolumeCapability()) {
            VolumeUse.of("volume_capability", request.getVolumeCapability());
        }
        return new ExpandVolume.Order(
                Fields.id("volume_id", request.getVolumeId()),
                Fields.anyPath("volume_path", request.getVolumePath()),
                request.getCapacityRange().getRequiredBytes());
    }

    private static VolumeUse use(boolean present, VolumeCapability capability) {
        Fields.require(present, "volume_capability", "is missing");
        return VolumeUse.of("volume_capability", capability);
    }
}
