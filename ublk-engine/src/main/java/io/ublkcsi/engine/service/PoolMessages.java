package io.ublkcsi.engine.service;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.DataPresence;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.PoolInfo;
import io.ublkcsi.engine.pool.SnapshotInfo;
import io.ublkcsi.engine.pool.VolumeInfo;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeState;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.PoolStatus;
import io.ublkcsi.proto.engine.v1.Provisioning;
import io.ublkcsi.proto.engine.v1.Snapshot;
import io.ublkcsi.proto.engine.v1.Source;
import io.ublkcsi.proto.engine.v1.Volume;
import org.jspecify.annotations.Nullable;

/** Between the API's messages and the engine's own types, for pools. */
final class PoolMessages {
    private PoolMessages() {}

    static VolumeRequest volumeRequest(CreateVolumeRequest request) {
        return new VolumeRequest(
                request.getVolumeId(),
                request.getSizeBytes(),
                provisioning(request),
                request.getLogicalBlockBytes(),
                request.hasSource() ? origin(request.getSource()) : null);
    }

    private static io.ublkcsi.engine.pool.Provisioning provisioning(CreateVolumeRequest request) {
        return switch (request.getProvisioning()) {
            case PROVISIONING_UNSPECIFIED, PROVISIONING_THIN -> io.ublkcsi.engine.pool.Provisioning.THIN;
            case PROVISIONING_PREALLOCATED -> io.ublkcsi.engine.pool.Provisioning.PREALLOCATED;
            case UNRECOGNIZED ->
                throw new EngineException(
                        Kind.INVALID_ARGUMENT,
                        "provisioning " + request.getProvisioningValue()
                                + " is newer than this engine: ask for thin or preallocated");
        };
    }

    private static @Nullable Origin origin(Source source) {
        return switch (source.getKindCase()) {
            case SNAPSHOT_ID -> new Origin(Origin.Kind.SNAPSHOT, source.getSnapshotId());
            case VOLUME_ID -> new Origin(Origin.Kind.VOLUME, source.getVolumeId());
            case KIND_NOT_SET -> null;
        };
    }

    static Volume volume(VolumeInfo info) {
        Volume.Builder volume = Volume.newBuilder()
                .setPool(info.pool())
                .setVolumeId(info.id())
                .setSizeBytes(info.sizeBytes())
                .setAllocatedBytes(info.allocatedBytes())
                .setProvisioning(Provisioning.valueOf(
                        "PROVISIONING_" + info.provisioning().name()))
                .setLogicalBlockBytes(info.logicalBlockBytes())
                .setState(io.ublkcsi.proto.engine.v1.VolumeState.valueOf(
                        "VOLUME_STATE_" + info.state().name()))
                .setProgressPercent(info.progressPercent())
                .setFormatted(info.isFormatted())
                .setReason(info.reason())
                .setCreatedMs(info.createdMs());
        if (info.origin() != null) {
            volume.setSource(source(info.origin()));
        }
        return volume.build();
    }

    static io.ublkcsi.proto.engine.v1.DataPresence data(DataPresence data) {
        return io.ublkcsi.proto.engine.v1.DataPresence.valueOf("DATA_PRESENCE_" + data.name());
    }

    private static Source source(Origin origin) {
        return switch (origin.kind()) {
            case SNAPSHOT -> Source.newBuilder().setSnapshotId(origin.id()).build();
            case VOLUME -> Source.newBuilder().setVolumeId(origin.id()).build();
        };
    }

    static Snapshot snapshot(SnapshotInfo info) {
        return Snapshot.newBuilder()
                .setPool(info.pool())
                .setSnapshotId(info.id())
                .setSourceVolumeId(info.sourceVolumeId())
                .setSizeBytes(info.sizeBytes())
                .setAllocatedBytes(info.allocatedBytes())
                .setCreatedMs(info.createdMs())
                .setReady(info.state() == VolumeState.READY)
                .setProgressPercent(info.progressPercent())
                .setFailure(info.failure())
                .setPauseNs(info.pauseNs())
                .setLogicalBlockBytes(info.logicalBlockBytes())
                .build();
    }

    static PoolStatus pool(PoolInfo info) {
        return PoolStatus.newBuilder()
                .setName(info.name())
                .setKind(info.kind())
                .setTotalBytes(info.totalBytes())
                .setFreeBytes(info.freeBytes())
                .setReservedBytes(info.reservedBytes())
                .setAvailableBytes(info.availableBytes())
                .setMinFreeBytes(info.minFreeBytes())
                .setMaximumVolumeBytes(info.maximumVolumeBytes())
                .setReflink(info.reflink())
                .setLogicalBlockBytes(info.logicalBlockBytes())
                .setPhysicalBlockBytes(info.physicalBlockBytes())
                .setProblem(info.problem())
                .setFilesystem(info.filesystem())
                .build();
    }
}
