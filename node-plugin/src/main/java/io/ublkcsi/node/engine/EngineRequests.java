package io.ublkcsi.node.engine;

import io.ublkcsi.common.parameters.VolumeParameters;
import io.ublkcsi.common.store.Source;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DataPath;
import io.ublkcsi.proto.engine.v1.Frontend;
import io.ublkcsi.proto.engine.v1.Provisioning;
import io.ublkcsi.proto.engine.v1.RecoveryPolicy;

/** A volume's parameters in the engine's words. */
public final class EngineRequests {
    private EngineRequests() {}

    public static CreateVolumeRequest create(VolumeSpec spec) {
        VolumeParameters parameters = spec.parameters();
        CreateVolumeRequest.Builder request = CreateVolumeRequest.newBuilder()
                .setPool(spec.pool())
                .setVolumeId(spec.id())
                .setSizeBytes(spec.sizeBytes())
                .setLogicalBlockBytes(parameters.blockBytes())
                .setProvisioning(
                        switch (parameters.provisioning()) {
                            case THIN -> Provisioning.PROVISIONING_THIN;
                            case PREALLOCATED -> Provisioning.PROVISIONING_PREALLOCATED;
                        });
        Source source = spec.source();
        if (source != null) {
            request.setSource(
                    switch (source.kind()) {
                        case SNAPSHOT ->
                            io.ublkcsi.proto.engine.v1.Source.newBuilder().setSnapshotId(source.id());
                        case VOLUME ->
                            io.ublkcsi.proto.engine.v1.Source.newBuilder().setVolumeId(source.id());
                    });
        }
        return request.build();
    }

    /**
     * How to show the volume.
     *
     * @param readOnly the device itself takes no writes
     */
    public static AttachOptions attach(VolumeParameters parameters, boolean readOnly) {
        return AttachOptions.newBuilder()
                .setQueues(parameters.queues())
                .setDepth(parameters.queueDepth())
                .setReadOnly(readOnly)
                .setNoDiscard(!parameters.discard())
                .setFrontend(
                        switch (parameters.frontend()) {
                            case AUTO -> Frontend.FRONTEND_AUTO;
                            case UBLK -> Frontend.FRONTEND_UBLK;
                            case VDUSE -> Frontend.FRONTEND_VDUSE;
                            case TCMU -> Frontend.FRONTEND_TCMU;
                        })
                .setDataPath(
                        switch (parameters.dataPath()) {
                            case AUTO -> DataPath.DATA_PATH_AUTO;
                            case PLAIN_COPY -> DataPath.DATA_PATH_PLAIN_COPY;
                            case USER_COPY -> DataPath.DATA_PATH_USER_COPY;
                            case ZERO_COPY_MANUAL -> DataPath.DATA_PATH_ZERO_COPY_MANUAL;
                            case ZERO_COPY_AUTO -> DataPath.DATA_PATH_ZERO_COPY_AUTO;
                        })
                .setRecovery(
                        switch (parameters.recovery()) {
                            case WAIT -> RecoveryPolicy.RECOVERY_POLICY_WAIT;
                            case FAIL -> RecoveryPolicy.RECOVERY_POLICY_FAIL;
                        })
                .build();
    }
}
