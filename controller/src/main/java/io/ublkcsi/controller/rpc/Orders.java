package io.ublkcsi.controller.rpc;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.parameters.ParameterParser;
import io.ublkcsi.common.store.Source;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.validation.Fields;
import io.ublkcsi.common.validation.Ids;
import io.ublkcsi.common.validation.VolumeUse;
import io.ublkcsi.controller.capacity.GetCapacity;
import io.ublkcsi.controller.snapshot.CreateSnapshot;
import io.ublkcsi.controller.volume.CapacityRange;
import io.ublkcsi.controller.volume.CreateVolume;
import io.ublkcsi.controller.volume.ExpandVolume;
import io.ublkcsi.controller.volume.TopologyWish;
import io.ublkcsi.proto.csi.v1.ControllerExpandVolumeRequest;
import io.ublkcsi.proto.csi.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.csi.v1.CreateVolumeRequest;
import io.ublkcsi.proto.csi.v1.GetCapacityRequest;
import io.ublkcsi.proto.csi.v1.Topology;
import io.ublkcsi.proto.csi.v1.TopologyRequirement;
import io.ublkcsi.proto.csi.v1.VolumeContentSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests of the wire, checked field by field, as orders that the use cases understand. */
final class Orders {
    private Orders() {}

    static CreateVolume.Order createVolume(CreateVolumeRequest request) {
        String name = Fields.name("name", request.getName());
        List<VolumeUse> uses = VolumeUse.all("volume_capabilities", request.getVolumeCapabilitiesList());
        refuseMutable("mutable_parameters", request.getParametersMutableMap());
        return new CreateVolume.Order(
                Ids.ofName(name),
                name,
                capacity(request.getCapacityRange()),
                uses,
                ParameterParser.parse(request.getParametersMap()),
                source(request),
                topology(request.getAccessibilityRequirements()),
                claim(request.getParametersMap()));
    }

    private static VolumeSpec.@Nullable Claim claim(Map<String, String> parameters) {
        String name = parameters.get(ParameterParser.PVC_NAME);
        String namespace = parameters.get(ParameterParser.PVC_NAMESPACE);
        return name == null || namespace == null ? null : new VolumeSpec.Claim(namespace, name);
    }

    static ExpandVolume.Order expandVolume(ControllerExpandVolumeRequest request) {
        String id = Fields.id("volume_id", request.getVolumeId());
        Fields.require(request.hasCapacityRange(), "capacity_range", "is missing");
        if (request.hasVolumeCapability()) {
            VolumeUse.of("volume_capability", request.getVolumeCapability());
        }
        CapacityRange range = capacity(request.getCapacityRange());
        Fields.require(
                range.requiredBytes() > 0, "capacity_range.required_bytes", "is missing: how large is it to be?");
        return new ExpandVolume.Order(id, range);
    }

    static CreateSnapshot.Order createSnapshot(CreateSnapshotRequest request) {
        String name = Fields.name("name", request.getName());
        String source = Fields.id("source_volume_id", request.getSourceVolumeId());
        ParameterParser.refuseSnapshotParameters(request.getParametersMap());
        return new CreateSnapshot.Order(Ids.ofName(name), name, source);
    }

    static GetCapacity.Question capacity(GetCapacityRequest request) {
        List<VolumeUse> uses = request.getVolumeCapabilitiesList().isEmpty()
                ? List.of()
                : VolumeUse.all("volume_capabilities", request.getVolumeCapabilitiesList());
        String node =
                request.hasAccessibleTopology() ? node("accessible_topology", request.getAccessibleTopology()) : null;
        return new GetCapacity.Question(uses, ParameterParser.parse(request.getParametersMap()), node);
    }

    static int maxEntries(int value) {
        Fields.require(value >= 0, "max_entries", "is negative; 0 means no limit");
        return value;
    }

    static void refuseMutable(String field, Map<String, String> parameters) {
        Fields.require(
                parameters.isEmpty(),
                field,
                "unknown: " + String.join(", ", parameters.keySet()) + "; this driver has no mutable parameters");
    }

    private static CapacityRange capacity(io.ublkcsi.proto.csi.v1.CapacityRange range) {
        Fields.capacity(range);
        return new CapacityRange(range.getRequiredBytes(), range.getLimitBytes());
    }

    private static @Nullable Source source(CreateVolumeRequest request) {
        if (!request.hasVolumeContentSource()) {
            return null;
        }
        VolumeContentSource source = request.getVolumeContentSource();
        return switch (source.getTypeCase()) {
            case SNAPSHOT ->
                new Source(
                        Source.Kind.SNAPSHOT,
                        Fields.id(
                                "volume_content_source.snapshot.snapshot_id",
                                source.getSnapshot().getSnapshotId()));
            case VOLUME ->
                new Source(
                        Source.Kind.VOLUME,
                        Fields.id(
                                "volume_content_source.volume.volume_id",
                                source.getVolume().getVolumeId()));
            case TYPE_NOT_SET ->
                throw new CsiFault.Invalid("volume_content_source.type", "is missing: snapshot or volume");
        };
    }

    private static TopologyWish topology(TopologyRequirement requirement) {
        return new TopologyWish(
                nodes("accessibility_requirements.requisite", requirement.getRequisiteList()),
                nodes("accessibility_requirements.preferred", requirement.getPreferredList()));
    }

    private static List<String> nodes(String field, List<Topology> topologies) {
        return topologies.stream().map(topology -> node(field, topology)).toList();
    }

    private static String node(String field, Topology topology) {
        String node = topology.getSegmentsOrDefault(Driver.TOPOLOGY_KEY, "");
        Fields.require(
                !node.isEmpty(),
                field,
                "has no segment " + Driver.TOPOLOGY_KEY + ", by which this driver's volumes are placed");
        return node;
    }
}
