package io.ublkcsi.node.fake;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ublkcsi.proto.engine.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DataPresence;
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
import io.ublkcsi.proto.engine.v1.PoolStatus;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import io.ublkcsi.proto.engine.v1.Snapshot;
import io.ublkcsi.proto.engine.v1.Source;
import io.ublkcsi.proto.engine.v1.Volume;
import io.ublkcsi.proto.engine.v1.VolumeState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** One pool named {@code default}, played over a {@link Backing}. */
public final class FakePools extends PoolsGrpc.PoolsImplBase {
    private static final String POOL = "default";
    private static final long POOL_BYTES = 1L << 40;

    private final Backing backing;
    private final Map<String, Volume> volumes = new TreeMap<>();
    private final Map<String, Snapshot> snapshots = new TreeMap<>();
    private Predicate<String> attached = _ -> false;

    public FakePools(Backing backing) {
        this.backing = backing;
    }

    void attached(Predicate<String> isAttached) {
        this.attached = isAttached;
    }

    boolean exists(String id) {
        return volumes.containsKey(id);
    }

    long size(String id) {
        return volumes.get(id).getSizeBytes();
    }

    /** For tests: what the engine knows of a volume. */
    public synchronized Optional<Volume> volume(String id) {
        return Optional.ofNullable(volumes.get(id));
    }

    /** For tests: how many volumes and snapshots there are. */
    public synchronized int count() {
        return volumes.size() + snapshots.size();
    }

    @Override
    public void listPools(ListPoolsRequest request, StreamObserver<ListPoolsResponse> answer) {
        answer(answer, () -> {
            long promised =
                    volumes.values().stream().mapToLong(Volume::getSizeBytes).sum();
            return ListPoolsResponse.newBuilder()
                    .addPools(PoolStatus.newBuilder()
                            .setName(POOL)
                            .setKind("file")
                            .setTotalBytes(POOL_BYTES)
                            .setAvailableBytes(POOL_BYTES - promised)
                            .setMaximumVolumeBytes(POOL_BYTES - promised)
                            .setLogicalBlockBytes(512))
                    .build();
        });
    }

    @Override
    public void listVolumes(ListVolumesRequest request, StreamObserver<ListVolumesResponse> answer) {
        answer(
                answer,
                () -> ListVolumesResponse.newBuilder()
                        .addAllVolumes(volumes.values())
                        .build());
    }

    @Override
    public void listSnapshots(ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> answer) {
        answer(
                answer,
                () -> ListSnapshotsResponse.newBuilder()
                        .addAllSnapshots(snapshots.values())
                        .build());
    }

    @Override
    public void createVolume(CreateVolumeRequest request, StreamObserver<Volume> answer) {
        answer(answer, () -> {
            Volume existing = volumes.get(request.getVolumeId());
            if (existing != null) {
                return existing;
            }
            if (request.getSizeBytes() > POOL_BYTES) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("the pool is full")
                        .asRuntimeException();
            }
            Optional<String> copyOf = image(request.getSource());
            backing.create(request.getVolumeId(), request.getSizeBytes(), copyOf);
            Volume.Builder volume = Volume.newBuilder()
                    .setPool(POOL)
                    .setVolumeId(request.getVolumeId())
                    .setSizeBytes(request.getSizeBytes())
                    .setProvisioning(request.getProvisioning())
                    .setState(VolumeState.VOLUME_STATE_READY);
            if (request.hasSource()) {
                volume.setSource(request.getSource());
            }
            volumes.put(request.getVolumeId(), volume.build());
            return volume.build();
        });
    }

    private Optional<String> image(Source source) {
        return switch (source.getKindCase()) {
            case SNAPSHOT_ID -> {
                found(snapshots, source.getSnapshotId());
                yield Optional.of("snapshot-" + source.getSnapshotId());
            }
            case VOLUME_ID -> {
                found(volumes, source.getVolumeId());
                yield Optional.of(source.getVolumeId());
            }
            case KIND_NOT_SET -> Optional.empty();
        };
    }

    @Override
    public void deleteVolume(DeleteVolumeRequest request, StreamObserver<DeleteVolumeResponse> answer) {
        answer(answer, () -> {
            if (attached.test(request.getVolumeId())) {
                throw Status.FAILED_PRECONDITION.withDescription("attached").asRuntimeException();
            }
            if (volumes.remove(request.getVolumeId()) != null) {
                backing.delete(request.getVolumeId());
            }
            return DeleteVolumeResponse.getDefaultInstance();
        });
    }

    @Override
    public void getVolume(GetVolumeRequest request, StreamObserver<Volume> answer) {
        answer(answer, () -> {
            Volume volume = found(volumes, request.getVolumeId());
            DataPresence data = backing.hasData(request.getVolumeId())
                    ? DataPresence.DATA_PRESENCE_SOME
                    : DataPresence.DATA_PRESENCE_NONE;
            return volume.toBuilder().setData(data).build();
        });
    }

    @Override
    public void growVolume(GrowVolumeRequest request, StreamObserver<Volume> answer) {
        answer(answer, () -> {
            Volume volume = found(volumes, request.getVolumeId());
            if (request.getSizeBytes() > volume.getSizeBytes()) {
                if (request.getSizeBytes() > POOL_BYTES) {
                    throw Status.RESOURCE_EXHAUSTED
                            .withDescription("the pool is full")
                            .asRuntimeException();
                }
                backing.grow(request.getVolumeId(), request.getSizeBytes());
                volume = volume.toBuilder().setSizeBytes(request.getSizeBytes()).build();
                volumes.put(request.getVolumeId(), volume);
            }
            return volume;
        });
    }

    @Override
    public void markFormatted(MarkFormattedRequest request, StreamObserver<Volume> answer) {
        answer(answer, () -> {
            Volume volume = found(volumes, request.getVolumeId()).toBuilder()
                    .setFormatted(true)
                    .build();
            volumes.put(request.getVolumeId(), volume);
            return volume;
        });
    }

    @Override
    public void createSnapshot(CreateSnapshotRequest request, StreamObserver<Snapshot> answer) {
        answer(answer, () -> {
            Snapshot existing = snapshots.get(request.getSnapshotId());
            if (existing != null) {
                return existing;
            }
            Volume source = found(volumes, request.getSourceVolumeId());
            backing.create(
                    "snapshot-" + request.getSnapshotId(), source.getSizeBytes(), Optional.of(source.getVolumeId()));
            Snapshot snapshot = Snapshot.newBuilder()
                    .setPool(POOL)
                    .setSnapshotId(request.getSnapshotId())
                    .setSourceVolumeId(request.getSourceVolumeId())
                    .setSizeBytes(source.getSizeBytes())
                    .setCreatedMs(System.currentTimeMillis())
                    .setReady(true)
                    .build();
            snapshots.put(request.getSnapshotId(), snapshot);
            return snapshot;
        });
    }

    @Override
    public void getSnapshot(GetSnapshotRequest request, StreamObserver<Snapshot> answer) {
        answer(answer, () -> found(snapshots, request.getSnapshotId()));
    }

    @Override
    public void deleteSnapshot(DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> answer) {
        answer(answer, () -> {
            if (snapshots.remove(request.getSnapshotId()) != null) {
                backing.delete("snapshot-" + request.getSnapshotId());
            }
            return DeleteSnapshotResponse.getDefaultInstance();
        });
    }

    private static <V> V found(Map<String, V> map, String id) {
        V value = map.get(id);
        if (value == null) {
            throw Status.NOT_FOUND.withDescription("there is no " + id).asRuntimeException();
        }
        return value;
    }

    private synchronized <A> void answer(StreamObserver<A> observer, Supplier<A> work) {
        try {
            observer.onNext(work.get());
            observer.onCompleted();
        } catch (StatusRuntimeException failure) {
            observer.onError(failure);
        }
    }
}
