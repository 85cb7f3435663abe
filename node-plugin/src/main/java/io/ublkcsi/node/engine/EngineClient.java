package io.ublkcsi.node.engine;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.fault.StatusMapping;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.AttachRequest;
import io.ublkcsi.proto.engine.v1.CreateSnapshotRequest;
import io.ublkcsi.proto.engine.v1.CreateVolumeRequest;
import io.ublkcsi.proto.engine.v1.DeleteSnapshotRequest;
import io.ublkcsi.proto.engine.v1.DeleteVolumeRequest;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.EngineGrpc;
import io.ublkcsi.proto.engine.v1.Event;
import io.ublkcsi.proto.engine.v1.GetSnapshotRequest;
import io.ublkcsi.proto.engine.v1.GetVolumeRequest;
import io.ublkcsi.proto.engine.v1.GrowVolumeRequest;
import io.ublkcsi.proto.engine.v1.HandshakeRequest;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import io.ublkcsi.proto.engine.v1.ListPoolsRequest;
import io.ublkcsi.proto.engine.v1.ListSnapshotsRequest;
import io.ublkcsi.proto.engine.v1.ListVolumesRequest;
import io.ublkcsi.proto.engine.v1.MarkFormattedRequest;
import io.ublkcsi.proto.engine.v1.PoolStatus;
import io.ublkcsi.proto.engine.v1.PoolsGrpc;
import io.ublkcsi.proto.engine.v1.ResizeRequest;
import io.ublkcsi.proto.engine.v1.Snapshot;
import io.ublkcsi.proto.engine.v1.Volume;
import io.ublkcsi.proto.engine.v1.WatchRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The engine, as the node plugin sees it: one method for each thing it asks for, every call with a deadline, every
 * failure a fault that names the engine.
 *
 * <p>An engine may be away for seconds: a call waits for it, and one that was cut off is made again, because every call
 * may be repeated.
 *
 * <p>Thread-safe.
 */
public final class EngineClient {
    private static final int REVISION = 1;
    /** No answer of the engine takes this long unless it is stopped. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** A standby serves within a second, a container that starts anew within some. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration RETRY = Duration.ofMillis(200);

    private final EngineGrpc.EngineBlockingStub engine;
    private final PoolsGrpc.PoolsBlockingStub pools;
    private volatile boolean greeted;

    public EngineClient(Channel channel) {
        this.engine = EngineGrpc.newBlockingStub(channel).withWaitForReady();
        this.pools = PoolsGrpc.newBlockingStub(channel).withWaitForReady();
    }

    /** Shows a volume as a block device; the same device when it is shown already. */
    public Device attach(String pool, String id, AttachOptions options, Deadline deadline) {
        AttachRequest request = AttachRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(id)
                .setOptions(options)
                .build();
        Device device = call("Attach", deadline, () -> engineUntil(deadline).attach(request))
                .getDevice();
        CrashPoints.reach("engine.after-attach");
        return device;
    }

    /** Ends a device; fine when there is none. */
    public void detach(String pool, String id, Deadline deadline) {
        DetachRequest request =
                DetachRequest.newBuilder().setPool(pool).setVolumeId(id).build();
        call("Detach", deadline, () -> engineUntil(deadline).detach(request));
        CrashPoints.reach("engine.after-detach");
    }

    /** Brings a device to its volume's size; returns it, in bytes. */
    public long resize(String pool, String id, Deadline deadline) {
        ResizeRequest request =
                ResizeRequest.newBuilder().setPool(pool).setVolumeId(id).build();
        long size = call("Resize", deadline, () -> engineUntil(deadline).resize(request))
                .getSizeBytes();
        CrashPoints.reach("engine.after-resize");
        return size;
    }

    /** Every device that the engine knows of. */
    public List<Device> devices(Deadline deadline) {
        return call(
                        "ListDevices",
                        deadline,
                        () -> engineUntil(deadline).listDevices(ListDevicesRequest.getDefaultInstance()))
                .getDevicesList();
    }

    /** The device that shows a volume. */
    public Optional<Device> device(String id, Deadline deadline) {
        return devices(deadline).stream()
                .filter(device -> device.getVolumeId().equals(id))
                .findFirst();
    }

    public List<PoolStatus> pools(Deadline deadline) {
        return call("ListPools", deadline, () -> poolsUntil(deadline).listPools(ListPoolsRequest.getDefaultInstance()))
                .getPoolsList();
    }

    /** Makes a volume; the same one when it is there, perhaps still in the making. */
    public Volume createVolume(CreateVolumeRequest request, Deadline deadline) {
        Volume volume =
                call("CreateVolume", deadline, () -> poolsUntil(deadline).createVolume(request));
        CrashPoints.reach("engine.after-create-volume");
        return volume;
    }

    public void deleteVolume(String pool, String id, Deadline deadline) {
        DeleteVolumeRequest request =
                DeleteVolumeRequest.newBuilder().setPool(pool).setVolumeId(id).build();
        call("DeleteVolume", deadline, () -> poolsUntil(deadline).deleteVolume(request));
        CrashPoints.reach("engine.after-delete-volume");
    }

    public Volume volume(String pool, String id, Deadline deadline) {
        GetVolumeRequest request =
                GetVolumeRequest.newBuilder().setPool(pool).setVolumeId(id).build();
        return call("GetVolume", deadline, () -> poolsUntil(deadline).getVolume(request));
    }

    public Volume growVolume(String pool, String id, long sizeBytes, Deadline deadline) {
        GrowVolumeRequest request = GrowVolumeRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(id)
                .setSizeBytes(sizeBytes)
                .build();
        Volume volume = call("GrowVolume", deadline, () -> poolsUntil(deadline).growVolume(request));
        CrashPoints.reach("engine.after-grow-volume");
        return volume;
    }

    /** Writes down, for good, that a file system was made on the volume. */
    public void markFormatted(String pool, String id, String filesystem, Deadline deadline) {
        MarkFormattedRequest request = MarkFormattedRequest.newBuilder()
                .setPool(pool)
                .setVolumeId(id)
                .setFilesystem(filesystem)
                .build();
        call("MarkFormatted", deadline, () -> poolsUntil(deadline).markFormatted(request));
        CrashPoints.reach("engine.after-mark-formatted");
    }

    /** Takes a snapshot; the same one when it is there, perhaps still being copied. */
    public Snapshot createSnapshot(String pool, String id, String sourceVolumeId, Deadline deadline) {
        CreateSnapshotRequest request = CreateSnapshotRequest.newBuilder()
                .setPool(pool)
                .setSnapshotId(id)
                .setSourceVolumeId(sourceVolumeId)
                .build();
        Snapshot snapshot =
                call("CreateSnapshot", deadline, () -> poolsUntil(deadline).createSnapshot(request));
        CrashPoints.reach("engine.after-create-snapshot");
        return snapshot;
    }

    public Snapshot snapshot(String pool, String id, Deadline deadline) {
        GetSnapshotRequest request =
                GetSnapshotRequest.newBuilder().setPool(pool).setSnapshotId(id).build();
        return call("GetSnapshot", deadline, () -> poolsUntil(deadline).getSnapshot(request));
    }

    public void deleteSnapshot(String pool, String id, Deadline deadline) {
        DeleteSnapshotRequest request = DeleteSnapshotRequest.newBuilder()
                .setPool(pool)
                .setSnapshotId(id)
                .build();
        call("DeleteSnapshot", deadline, () -> poolsUntil(deadline).deleteSnapshot(request));
        CrashPoints.reach("engine.after-delete-snapshot");
    }

    /** Every volume of a pool. */
    public List<Volume> volumes(String pool, Deadline deadline) {
        ListVolumesRequest request =
                ListVolumesRequest.newBuilder().setPool(pool).build();
        return call("ListVolumes", deadline, () -> poolsUntil(deadline).listVolumes(request))
                .getVolumesList();
    }

    /** Every snapshot of a pool. */
    public List<Snapshot> snapshots(String pool, Deadline deadline) {
        ListSnapshotsRequest request =
                ListSnapshotsRequest.newBuilder().setPool(pool).build();
        return call("ListSnapshots", deadline, () -> poolsUntil(deadline).listSnapshots(request))
                .getSnapshotsList();
    }

    /**
     * Follows the engine's events until it ends.
     *
     * @throws CsiFault how it ended
     */
    public void watch(Consumer<Event> listener) {
        try {
            engine.watch(WatchRequest.getDefaultInstance()).forEachRemaining(listener);
        } catch (StatusRuntimeException ended) {
            throw StatusMapping.toFault(ended, "engine: Watch");
        }
    }

    private EngineGrpc.EngineBlockingStub engineUntil(Deadline deadline) {
        return engine.withDeadlineAfter(deadline.atMost(LIMIT).left().toNanos(), TimeUnit.NANOSECONDS);
    }

    private PoolsGrpc.PoolsBlockingStub poolsUntil(Deadline deadline) {
        return pools.withDeadlineAfter(deadline.atMost(LIMIT).left().toNanos(), TimeUnit.NANOSECONDS);
    }

    private <T> T call(String method, Deadline deadline, Supplier<T> call) {
        Deadline patience = deadline.atMost(PATIENCE);
        while (true) {
            try {
                greet(deadline);
                return call.get();
            } catch (StatusRuntimeException failure) {
                boolean isCutOff = isCutOff(failure);
                if (isCutOff || failure.getStatus().getCode() == Status.Code.UNAVAILABLE) {
                    greeted = false;
                }
                if (!isCutOff || patience.passed() || !pause()) {
                    throw StatusMapping.toFault(failure, "engine: " + method);
                }
            }
        }
    }

    /**
     * The connection ended under the call. That an engine answers that it can't now is another matter: then nothing has
     * a cause here, and no stream was reset.
     */
    private static boolean isCutOff(StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String said = String.valueOf(status.getDescription());
        return switch (status.getCode()) {
            case UNAVAILABLE -> status.getCause() instanceof IOException || said.contains("GOAWAY");
            case CANCELLED -> said.contains("RST_STREAM");
            default -> false;
        };
    }

    private static boolean pause() {
        try {
            Thread.sleep(RETRY);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Once per connection that broke: the engine behind the socket may be another version now. */
    private void greet(Deadline deadline) {
        if (greeted) {
            return;
        }
        HandshakeRequest request = HandshakeRequest.newBuilder()
                .setMaxRevision(REVISION)
                .setMinRevision(REVISION)
                .setClient("ublk-csi node plugin")
                .build();
        var _ = engineUntil(deadline).handshake(request);
        greeted = true;
    }
}
