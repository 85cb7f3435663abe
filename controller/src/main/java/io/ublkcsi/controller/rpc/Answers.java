package io.ublkcsi.controller.rpc;

import com.google.protobuf.Int64Value;
import com.google.protobuf.Timestamp;
import io.ublkcsi.common.identity.Driver;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.store.Source;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.controller.capacity.GetCapacity;
import io.ublkcsi.controller.page.Page;
import io.ublkcsi.proto.csi.v1.ControllerGetVolumeResponse;
import io.ublkcsi.proto.csi.v1.ControllerListVolumeHealthResponse;
import io.ublkcsi.proto.csi.v1.GetCapacityResponse;
import io.ublkcsi.proto.csi.v1.ListSnapshotsResponse;
import io.ublkcsi.proto.csi.v1.ListVolumesResponse;
import io.ublkcsi.proto.csi.v1.Snapshot;
import io.ublkcsi.proto.csi.v1.Topology;
import io.ublkcsi.proto.csi.v1.Volume;
import io.ublkcsi.proto.csi.v1.VolumeContentSource;
import io.ublkcsi.proto.csi.v1.VolumeHealth;
import io.ublkcsi.proto.csi.v1.VolumeHealthErrorType;
import java.time.Instant;
import java.util.List;

/** Records as the wire wants them. */
final class Answers {
    /** The one key of a volume's context: for people who read a PersistentVolume. */
    static final String CONTEXT_POOL = "pool";

    private Answers() {}

    static Volume volume(Entry<VolumeSpec, VolumeStatus> entry) {
        Volume.Builder volume = Volume.newBuilder()
                .setVolumeId(entry.id())
                .setCapacityBytes(entry.status().sizeBytes())
                .putVolumeContext(CONTEXT_POOL, entry.spec().pool())
                .addAccessibleTopology(topology(entry.spec().node()));
        if (entry.spec().source() != null) {
            volume.setContentSource(source(entry.spec().source()));
        }
        return volume.build();
    }

    static ListVolumesResponse volumes(Page<Entry<VolumeSpec, VolumeStatus>> page) {
        ListVolumesResponse.Builder answer = ListVolumesResponse.newBuilder().setNextToken(page.nextToken());
        for (Entry<VolumeSpec, VolumeStatus> entry : page.entries()) {
            answer.addEntries(ListVolumesResponse.Entry.newBuilder()
                    .setVolume(volume(entry))
                    .setStatus(ListVolumesResponse.VolumeStatus.newBuilder().addAllPublishedNodeIds(nodesOf(entry))));
        }
        return answer.build();
    }

    static ControllerGetVolumeResponse oneVolume(Entry<VolumeSpec, VolumeStatus> entry) {
        return ControllerGetVolumeResponse.newBuilder()
                .setVolume(volume(entry))
                .setStatus(ControllerGetVolumeResponse.VolumeStatus.newBuilder().addAllPublishedNodeIds(nodesOf(entry)))
                .build();
    }

    static Snapshot snapshot(Entry<SnapshotSpec, SnapshotStatus> entry) {
        Instant taken = Instant.ofEpochMilli(entry.status().takenMs());
        return Snapshot.newBuilder()
                .setSnapshotId(entry.id())
                .setSourceVolumeId(entry.spec().sourceVolumeId())
                .setSizeBytes(entry.status().sizeBytes())
                .setReadyToUse(entry.status().ready())
                .setCreationTime(Timestamp.newBuilder()
                        .setSeconds(taken.getEpochSecond())
                        .setNanos(taken.getNano()))
                .build();
    }

    static ListSnapshotsResponse snapshots(Page<Entry<SnapshotSpec, SnapshotStatus>> page) {
        ListSnapshotsResponse.Builder answer =
                ListSnapshotsResponse.newBuilder().setNextToken(page.nextToken());
        page.entries()
                .forEach(entry -> answer.addEntries(
                        ListSnapshotsResponse.Entry.newBuilder().setSnapshot(snapshot(entry))));
        return answer.build();
    }

    static GetCapacityResponse capacity(GetCapacity.Room room) {
        return GetCapacityResponse.newBuilder()
                .setAvailableCapacity(room.available())
                .setMaximumVolumeSize(Int64Value.of(room.maximum()))
                .setMinimumVolumeSize(Int64Value.of(room.minimum()))
                .build();
    }

    static VolumeHealth health(io.ublkcsi.controller.volume.VolumeHealth.Health health) {
        VolumeHealth.Builder answer = VolumeHealth.newBuilder().setVolumeId(health.volumeId());
        health.complaints()
                .forEach(complaint -> answer.addHealthStatuses(VolumeHealth.VolumeHealthEntry.newBuilder()
                        .setStatus(
                                complaint.inaccessible()
                                        ? VolumeHealthErrorType.INACCESSIBLE
                                        : VolumeHealthErrorType.DEGRADED)
                        .setReason(complaint.reason())
                        .setMessage(complaint.message())));
        return answer.build();
    }

    static ControllerListVolumeHealthResponse healths(Page<io.ublkcsi.controller.volume.VolumeHealth.Health> page) {
        return ControllerListVolumeHealthResponse.newBuilder()
                .addAllEntries(page.entries().stream().map(Answers::health).toList())
                .setNextToken(page.nextToken())
                .build();
    }

    private static List<String> nodesOf(Entry<VolumeSpec, VolumeStatus> entry) {
        return entry.status().attached() ? List.of(entry.spec().node()) : List.of();
    }

    private static Topology topology(String node) {
        return Topology.newBuilder().putSegments(Driver.TOPOLOGY_KEY, node).build();
    }

    private static VolumeContentSource source(Source source) {
        VolumeContentSource.Builder answer = VolumeContentSource.newBuilder();
        switch (source.kind()) {
            case SNAPSHOT ->
                answer.setSnapshot(
                        VolumeContentSource.SnapshotSource.newBuilder().setSnapshotId(source.id()));
            case VOLUME ->
                answer.setVolume(VolumeContentSource.VolumeSource.newBuilder().setVolumeId(source.id()));
        }
        return answer.build();
    }
}
