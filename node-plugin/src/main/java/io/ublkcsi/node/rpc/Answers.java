package io.ublkcsi.node.rpc;

import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.identity.SpecLevel;
import io.ublkcsi.node.stats.VolumeHealth;
import io.ublkcsi.node.stats.VolumeStats;
import io.ublkcsi.proto.csi.v1.NodeGetCapabilitiesResponse;
import io.ublkcsi.proto.csi.v1.NodeGetInfoResponse;
import io.ublkcsi.proto.csi.v1.NodeGetStorageHealthResponse;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeHealthResponse;
import io.ublkcsi.proto.csi.v1.NodeGetVolumeStatsResponse;
import io.ublkcsi.proto.csi.v1.NodeServiceCapability;
import io.ublkcsi.proto.csi.v1.NodeServiceCapability.RPC.Type;
import io.ublkcsi.proto.csi.v1.StorageHealthErrorType;
import io.ublkcsi.proto.csi.v1.Topology;
import io.ublkcsi.proto.csi.v1.VolumeHealthErrorType;
import io.ublkcsi.proto.csi.v1.VolumeUsage;
import java.util.List;

/** What the wire wants to hear. */
final class Answers {
    private static final List<Type> ALWAYS = List.of(
            Type.STAGE_UNSTAGE_VOLUME, Type.GET_VOLUME_STATS, Type.EXPAND_VOLUME, Type.SINGLE_NODE_MULTI_WRITER);
    private static final List<Type> SINCE_1_13 = List.of(Type.GET_VOLUME_HEALTH, Type.GET_STORAGE_HEALTH);

    private Answers() {}

    static NodeGetCapabilitiesResponse capabilities(SpecLevel level) {
        NodeGetCapabilitiesResponse.Builder answer = NodeGetCapabilitiesResponse.newBuilder();
        ALWAYS.forEach(type -> add(answer, type));
        if (level.has(SpecLevel.V1_13)) {
            SINCE_1_13.forEach(type -> add(answer, type));
        }
        return answer.build();
    }

    static NodeGetInfoResponse info(String node, long maxVolumes) {
        return NodeGetInfoResponse.newBuilder()
                .setNodeId(node)
                .setMaxVolumesPerNode(maxVolumes)
                .setAccessibleTopology(Topology.newBuilder().putSegments(Driver.TOPOLOGY_KEY, node))
                .build();
    }

    static NodeGetVolumeStatsResponse stats(VolumeStats.Usage usage) {
        NodeGetVolumeStatsResponse.Builder answer = NodeGetVolumeStatsResponse.newBuilder();
        VolumeUsage.Builder bytes =
                VolumeUsage.newBuilder().setUnit(VolumeUsage.Unit.BYTES).setTotal(usage.totalBytes());
        if (usage.block()) {
            return answer.addUsage(bytes).build();
        }
        return answer.addUsage(bytes.setUsed(usage.usedBytes()).setAvailable(usage.availableBytes()))
                .addUsage(VolumeUsage.newBuilder()
                        .setUnit(VolumeUsage.Unit.INODES)
                        .setTotal(usage.inodes())
                        .setUsed(usage.inodes() - usage.freeInodes())
                        .setAvailable(usage.freeInodes()))
                .build();
    }

    static NodeGetVolumeHealthResponse health(String volumeId, List<VolumeHealth.Complaint> complaints) {
        io.ublkcsi.proto.csi.v1.VolumeHealth.Builder health =
                io.ublkcsi.proto.csi.v1.VolumeHealth.newBuilder().setVolumeId(volumeId);
        complaints.forEach(complaint ->
                health.addHealthStatuses(io.ublkcsi.proto.csi.v1.VolumeHealth.VolumeHealthEntry.newBuilder()
                        .setStatus(
                                complaint.fatal() ? VolumeHealthErrorType.INACCESSIBLE : VolumeHealthErrorType.DEGRADED)
                        .setReason(complaint.reason())
                        .setMessage(complaint.message())));
        return NodeGetVolumeHealthResponse.newBuilder().setVolumeHealth(health).build();
    }

    static NodeGetStorageHealthResponse storage(List<VolumeHealth.Complaint> complaints) {
        NodeGetStorageHealthResponse.Builder answer = NodeGetStorageHealthResponse.newBuilder();
        complaints.forEach(
                complaint -> answer.addBackendHealth(NodeGetStorageHealthResponse.StorageBackendHealth.newBuilder()
                        .setStatus(
                                complaint.fatal()
                                        ? StorageHealthErrorType.STORAGE_UNREACHABLE
                                        : StorageHealthErrorType.STORAGE_DEGRADED)
                        .setReason(complaint.reason())
                        .setMessage(complaint.message())));
        return answer.build();
    }

    private static void add(NodeGetCapabilitiesResponse.Builder answer, Type type) {
        answer.addCapabilities(NodeServiceCapability.newBuilder()
                .setRpc(NodeServiceCapability.RPC.newBuilder().setType(type)));
    }
}
