package io.ublkcsi.engine.service;

import io.grpc.stub.StreamObserver;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.control.DeviceControl;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.pool.DataPresence;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Pool;
import io.ublkcsi.engine.pool.PoolRegistry;
import io.ublkcsi.engine.pool.VolumeInfo;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeState;
import io.ublkcsi.engine.pool.VolumeUse;
import io.ublkcsi.proto.engine.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.engine.v1.DeleteSnapshotResponse;
import io.ublkcsi.proto.engine.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.engine.v1.DeleteVolumeResponse;
import io.ublkcsi.proto.engine.v1.GetSnapshotRequest;
import io.ublkcsi.proto.engine.v1.GetVolumeRequest;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.ListPoolsRequest;
import io.ublkcsi.proto.engine.v1.ListPoolsResponse;
import io.ublkcsi.proto.engine.v1.ListSnapshotsRequest;
import io.ublkcsi.proto.engine.v1.ListSnapshotsResponse;
import io.ublkcsi.proto.engine.v1.ListVolumesRequest;
import io.ublkcsi.proto.engine.v1.ListVolumesResponse;
import io.ublkcsi.proto.engine.v1.MarkFormattedRequest;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import io.ublkcsi.proto.engine.v1.Snapshot;
import io.ublkcsi.proto.engine.v1.Volume;
import java.util.function.Supplier;

/** The API's half about pools. Operations on one volume exclude each other, here and with attach and detach. */
final class PoolsService extends PoolsGrpc.PoolsImplBase {
    private final PoolRegistry pools;
    private final DeviceControl devices;
    private final SnapshotGuard snapshots = new SnapshotGuard();

    PoolsService(PoolRegistry pools, DeviceControl devices) {
        this.pools = pools;
        this.devices = devices;
    }

    @Override
    public void listPools(ListPoolsRequest request, StreamObserver<ListPoolsResponse> observer) {
        Answer.with(
                observer,
                () -> ListPoolsResponse.newBuilder()
                        .addAllPools(pools.pools().stream()
                                .map(pool -> PoolMessages.pool(pool.info()))
                                .toList())
                        .build());
    }

    @Override
    public void createVolume(CreateVolumeRequest request, StreamObserver<Volume> observer) {
        Answer.with(observer, () -> {
            Pool pool = pools.pool(request.getPool());
            VolumeRequest wanted = PoolMessages.volumeRequest(request);
            return onVolume(
                    request.getPool(), request.getVolumeId(), () -> pool.createVolume(wanted, useOf(pool, wanted)));
        });
    }

    private VolumeUse useOf(Pool pool, VolumeRequest wanted) {
        Origin origin = wanted.origin();
        return origin != null && origin.kind() == Origin.Kind.VOLUME
                ? use(new VolumeKey(pool.name(), origin.id()))
                : VolumeUse.UNUSED;
    }

    private VolumeUse use(VolumeKey volume) {
        return action -> devices.whileHeld(volume, action);
    }

    @Override
    public void deleteVolume(DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> observer) {
        Answer.with(observer, () -> {
            Pool pool = pools.pool(request.getPool());
            VolumeKey volume = DeviceMessages.key(request.getPool(), request.getVolumeId());
            return devices.exclusively(volume, () -> {
                if (devices.isAttached(volume)) {
                    throw new EngineException(
                            Kind.FAILED_PRECONDITION, "volume " + volume + " is attached: detach it, then delete it");
                }
                pool.deleteVolume(volume.volumeId());
                return DeleteVolumeResponse.getDefaultInstance();
            });
        });
    }

    @Override
    public void getVolume(GetVolumeRequest request, StreamObserver<Volume> observer) {
        Answer.with(observer, () -> {
            Pool pool = pools.pool(request.getPool());
            VolumeInfo volume = pool.volume(request.getVolumeId());
            DataPresence data =
                    volume.state() == VolumeState.READY ? pool.data(request.getVolumeId()) : DataPresence.UNSPECIFIED;
            return PoolMessages.volume(volume).toBuilder()
                    .setData(PoolMessages.data(data))
                    .build();
        });
    }

    @Override
    public void listVolumes(ListVolumesRequest request, StreamObserver<ListVolumesResponse> observer) {
        Answer.with(
                observer,
                () -> ListVolumesResponse.newBuilder()
                        .addAllVolumes(pools.pool(request.getPool()).volumes().stream()
                                .map(PoolMessages::volume)
                                .toList())
                        .build());
    }

    @Override
    public void growVolume(GrowVolumeRequest request, StreamObserver<Volume> observer) {
        Answer.with(observer, () -> {
            Pool pool = pools.pool(request.getPool());
            return onVolume(
                    request.getPool(),
                    request.getVolumeId(),
                    () -> pool.growVolume(request.getVolumeId(), request.getSizeBytes()));
        });
    }

    @Override
    public void markFormatted(MarkFormattedRequest request, StreamObserver<Volume> observer) {
        Answer.with(observer, () -> {
            Pool pool = pools.pool(request.getPool());
            return onVolume(
                    request.getPool(),
                    request.getVolumeId(),
                    () -> pool.markFormatted(request.getVolumeId(), request.getFilesystem()));
        });
    }

    private Volume onVolume(String pool, String volumeId, Supplier<VolumeInfo> work) {
        VolumeKey volume = DeviceMessages.key(pool, volumeId);
        return PoolMessages.volume(devices.exclusively(volume, work));
    }

    @Override
    public void createSnapshot(CreateSnapshotRequest request, StreamObserver<Snapshot> observer) {
        Answer.with(observer, () -> {
            Pool pool = pools.pool(request.getPool());
            VolumeKey source = DeviceMessages.key(request.getPool(), request.getSourceVolumeId());
            return snapshots.exclusively(
                    pool.name(),
                    request.getSnapshotId(),
                    () -> devices.exclusively(
                            source,
                            () -> PoolMessages.snapshot(
                                    pool.createSnapshot(request.getSnapshotId(), source.volumeId(), use(source)))));
        });
    }

    @Override
    public void deleteSnapshot(DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> observer) {
        Answer.with(observer, () -> {
            Pool pool = pools.pool(request.getPool());
            return snapshots.exclusively(pool.name(), request.getSnapshotId(), () -> {
                pool.deleteSnapshot(request.getSnapshotId());
                return DeleteSnapshotResponse.getDefaultInstance();
            });
        });
    }

    @Override
    public void getSnapshot(GetSnapshotRequest request, StreamObserver<Snapshot> observer) {
        Answer.with(
                observer,
                () -> PoolMessages.snapshot(pools.pool(request.getPool()).snapshot(request.getSnapshotId())));
    }

    @Override
    public void listSnapshots(ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> observer) {
        Answer.with(
                observer,
                () -> ListSnapshotsResponse.newBuilder()
                        .addAllSnapshots(pools.pool(request.getPool()).snapshots().stream()
                                .map(PoolMessages::snapshot)
                                .toList())
                        .build());
    }
}
