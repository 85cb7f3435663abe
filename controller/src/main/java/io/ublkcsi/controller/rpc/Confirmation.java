package io.ublkcsi.controller.rpc;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.ParameterParser;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.validation.Fields;
import io.ublkcsi.common.validation.VolumeUse;
import io.ublkcsi.proto.csi.v1.ValidateVolumeCapabilitiesRequest;
import io.ublkcsi.proto.csi.v1.ValidateVolumeCapabilitiesResponse;
import io.ublkcsi.proto.csi.v1.VolumeCapability;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessMode.Mode;
import io.ublkcsi.proto.csi.v1.VolumeCapability.AccessTypeCase;
import java.util.Map;

/** Whether a volume can be used as a caller wants: a missing field is an error, an unsupported wish an answer. */
final class Confirmation {
    private Confirmation() {}

    /** Refuses what is no proper request. */
    static String check(ValidateVolumeCapabilitiesRequest request) {
        String id = Fields.id("volume_id", request.getVolumeId());
        Fields.require(request.getVolumeCapabilitiesCount() > 0, "volume_capabilities", "is missing");
        for (VolumeCapability capability : request.getVolumeCapabilitiesList()) {
            Fields.require(
                    capability.getAccessTypeCase() != AccessTypeCase.ACCESSTYPE_NOT_SET,
                    "volume_capabilities.access_type",
                    "is missing: block or mount");
            Fields.require(
                    capability.getAccessMode().getMode() != Mode.UNKNOWN,
                    "volume_capabilities.access_mode",
                    "is missing");
        }
        return id;
    }

    static ValidateVolumeCapabilitiesResponse of(
            Entry<VolumeSpec, VolumeStatus> volume, ValidateVolumeCapabilitiesRequest request) {
        try {
            VolumeUse.all("volume_capabilities", request.getVolumeCapabilitiesList());
            Map<String, String> parameters = request.getParametersMap();
            Fields.require(
                    parameters.isEmpty()
                            || ParameterParser.parse(parameters)
                                    .equals(volume.spec().parameters()),
                    "parameters",
                    "are not the ones that the volume was made with");
            Orders.refuseMutable("mutable_parameters", request.getParametersMutableMap());
            Map<String, String> context = request.getVolumeContextMap();
            Fields.require(
                    context.isEmpty() || context.equals(Answers.volume(volume).getVolumeContextMap()),
                    "volume_context",
                    "is not the volume's");
        } catch (CsiFault.Invalid unsupported) {
            return ValidateVolumeCapabilitiesResponse.newBuilder()
                    .setMessage(String.valueOf(unsupported.getMessage()))
                    .build();
        }
        return ValidateVolumeCapabilitiesResponse.newBuilder()
                .setConfirmed(ValidateVolumeCapabilitiesResponse.Confirmed.newBuilder()
                        .putAllVolumeContext(request.getVolumeContextMap())
                        .addAllVolumeCapabilities(request.getVolumeCapabilitiesList())
                        .putAllParameters(request.getParametersMap()))
                .build();
    }
}
