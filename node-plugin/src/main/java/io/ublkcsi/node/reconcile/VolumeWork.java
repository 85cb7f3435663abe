package io.ublkcsi.node.reconcile;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.Records;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.engine.EngineRequests;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.orphan.Notes;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.Volume;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Makes a volume's bytes what its record wants: there, of that size, or gone. Every step may be repeated. */
final class VolumeWork {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Records<VolumeSpec, VolumeStatus> records;
    private final String node;
    private final EngineClient engine;
    private final Holders holders;
    private final Notes notes;

    VolumeWork(
            Records<VolumeSpec, VolumeStatus> records, String node, EngineClient engine, Holders holders, Notes notes) {
        this.records = records;
        this.node = node;
        this.engine = engine;
        this.holders = holders;
        this.notes = notes;
    }

    Outcome reconcile(String id) {
        Optional<Entry<VolumeSpec, VolumeStatus>> entry = records.get(id);
        if (entry.isEmpty() || !entry.get().spec().node().equals(node)) {
            return Outcome.SETTLED;
        }
        VolumeSpec spec = entry.get().spec();
        try {
            return spec.deleting() ? remove(spec) : fulfil(spec, entry.get().status());
        } catch (CsiFault fault) {
            return report(spec, fault);
        }
    }

    private Outcome fulfil(VolumeSpec spec, VolumeStatus status) {
        if (status.generation() >= spec.generation()) {
            return Outcome.SETTLED;
        }
        notes.begin(spec.id());
        Deadline deadline = Deadline.in(LIMIT);
        Volume volume = status.ready() && spec.sizeBytes() > status.sizeBytes()
                ? engine.growVolume(spec.pool(), spec.id(), spec.sizeBytes(), deadline)
                : engine.createVolume(
                        EngineRequests.create(status.ready() ? spec.withSize(status.sizeBytes()) : spec), deadline);
        return switch (volume.getState()) {
            case VOLUME_STATE_READY -> {
                records.report(spec.id(), now -> now.fulfilled(spec.generation(), volume.getSizeBytes()));
                yield Outcome.SETTLED;
            }
            case VOLUME_STATE_CREATING -> {
                String why = volume.getReason().isEmpty() ? "its source is being copied" : volume.getReason();
                records.report(spec.id(), now -> now.underWay(volume.getProgressPercent(), why));
                yield Outcome.PROGRESSING;
            }
            case VOLUME_STATE_FAILED, VOLUME_STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw new CsiFault.Precondition(
                        "the engine could not make volume " + spec.id() + ": " + volume.getReason());
        };
    }

    private Outcome remove(VolumeSpec spec) {
        Deadline deadline = Deadline.in(LIMIT);
        Optional<Device> device = engine.device(spec.id(), deadline);
        if (device.isPresent()) {
            detach(device.get(), deadline);
        }
        engine.deleteVolume(spec.pool(), spec.id(), deadline);
        notes.end(spec.id());
        records.remove(spec.id());
        return Outcome.SETTLED;
    }

    /** What a stage that was cut off, and never taken back, left behind. */
    private void detach(Device device, Deadline deadline) {
        try {
            engine.detach(device.getPool(), device.getVolumeId(), deadline);
        } catch (CsiFault.Precondition inUse) {
            throw new CsiFault.Precondition("volume " + device.getVolumeId() + " is in use: " + inUse.getMessage()
                    + "; held by " + holders.ofDevice(Path.of(device.getPath()), BlockDevices.numbers(device)));
        }
    }

    private Outcome report(VolumeSpec spec, CsiFault fault) {
        if (Faults.passing(fault)) {
            String why = String.valueOf(fault.getMessage());
            records.report(spec.id(), now -> now.underWay(now.progressPercent(), why));
            return Outcome.RETRY;
        }
        records.report(spec.id(), now -> now.failed(spec.generation(), fault));
        return spec.deleting() ? Outcome.RETRY : Outcome.SETTLED;
    }
}
