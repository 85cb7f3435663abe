package io.ublkcsi.common.identity;

import com.google.protobuf.BoolValue;
import io.grpc.stub.StreamObserver;
import io.ublkcsi.common.rpc.Answer;
import io.ublkcsi.proto.csi.v1.GetPluginCapabilitiesRequest;
import io.ublkcsi.proto.csi.v1.GetPluginCapabilitiesResponse;
import io.ublkcsi.proto.csi.v1.GetPluginInfoRequest;
import io.ublkcsi.proto.csi.v1.GetPluginInfoResponse;
import io.ublkcsi.proto.csi.v1.IdentityGrpc;
import io.ublkcsi.proto.csi.v1.PluginCapability;
import io.ublkcsi.proto.csi.v1.ProbeRequest;
import io.ublkcsi.proto.csi.v1.ProbeResponse;

/**
 * CSI Identity, the same in both plugins.
 *
 * <p>Probe answers for this process alone. A stopped engine does not make it unready: the orchestrator would restart
 * the plugin, which cures nothing and takes the calls away that still work.
 */
public final class IdentityService extends IdentityGrpc.IdentityImplBase {
    private final Driver driver;

    public IdentityService(Driver driver) {
        this.driver = driver;
    }

    @Override
    public void getPluginInfo(GetPluginInfoRequest request, StreamObserver<GetPluginInfoResponse> answer) {
        Answer.with(
                answer,
                GetPluginInfoResponse.newBuilder()
                        .setName(driver.name())
                        .setVendorVersion(driver.version())
                        .putManifest("csi", driver.specLevel().toString())
                        .build());
    }

    @Override
    public void getPluginCapabilities(
            GetPluginCapabilitiesRequest request, StreamObserver<GetPluginCapabilitiesResponse> answer) {
        Answer.with(
                answer,
                GetPluginCapabilitiesResponse.newBuilder()
                        .addCapabilities(service(PluginCapability.Service.Type.CONTROLLER_SERVICE))
                        .addCapabilities(service(PluginCapability.Service.Type.VOLUME_ACCESSIBILITY_CONSTRAINTS))
                        .addCapabilities(PluginCapability.newBuilder()
                                .setVolumeExpansion(PluginCapability.VolumeExpansion.newBuilder()
                                        .setType(PluginCapability.VolumeExpansion.Type.ONLINE)))
                        .build());
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> answer) {
        Answer.with(
                answer, ProbeResponse.newBuilder().setReady(BoolValue.of(true)).build());
    }

    private static PluginCapability service(PluginCapability.Service.Type type) {
        return PluginCapability.newBuilder()
                .setService(PluginCapability.Service.newBuilder().setType(type))
                .build();
    }
}
