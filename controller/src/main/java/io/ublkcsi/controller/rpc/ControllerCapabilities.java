package io.ublkcsi.controller.rpc;

import io.ublkcsi.common.identity.SpecLevel;
import io.ublkcsi.proto.csi.v1.ControllerGetCapabilitiesResponse;
import io.ublkcsi.proto.csi.v1.ControllerServiceCapability;
import io.ublkcsi.proto.csi.v1.ControllerServiceCapability.RPC.Type;
import java.util.List;

/** What the controller says that it can do. */
final class ControllerCapabilities {
    private static final List<Type> ALWAYS = List.of(
            Type.CREATE_DELETE_VOLUME,
            Type.LIST_VOLUMES,
            Type.LIST_VOLUMES_PUBLISHED_NODES,
            Type.GET_CAPACITY,
            Type.CREATE_DELETE_SNAPSHOT,
            Type.LIST_SNAPSHOTS,
            Type.GET_SNAPSHOT,
            Type.CLONE_VOLUME,
            Type.EXPAND_VOLUME,
            Type.GET_VOLUME,
            Type.SINGLE_NODE_MULTI_WRITER);
    private static final List<Type> SINCE_1_13 = List.of(Type.GET_VOLUME_HEALTH, Type.LIST_VOLUME_HEALTH);

    private ControllerCapabilities() {}

    static ControllerGetCapabilitiesResponse at(SpecLevel level) {
        ControllerGetCapabilitiesResponse.Builder answer = ControllerGetCapabilitiesResponse.newBuilder();
        ALWAYS.forEach(type -> add(answer, type));
        if (level.has(SpecLevel.V1_13)) {
            SINCE_1_13.forEach(type -> add(answer, type));
        }
        return answer.build();
    }

    private static void add(ControllerGetCapabilitiesResponse.Builder answer, Type type) {
        answer.addCapabilities(ControllerServiceCapability.newBuilder()
                .setRpc(ControllerServiceCapability.RPC.newBuilder().setType(type)));
    }
}
