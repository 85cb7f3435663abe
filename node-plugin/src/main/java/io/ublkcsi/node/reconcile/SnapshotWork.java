package io.ublkcsi.node.reconcile;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.Records;
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.orphan.Notes;
import io.ublkcsi.proto.engine.v1.Snapshot;
import java.time.Duration;
import java.util.Optional;

/** Takes or removes a snapshot, as its record wants it. Every step may be repeated. */
final class SnapshotWork {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Records<SnapshotSpec, SnapshotStatus> records;
    private final String node;
    private final EngineClient engine;
    private final Notes notes;

    SnapshotWork(Records<SnapshotSpec, SnapshotStatus> records, String node, EngineClient engine, Notes notes) {
        this.records = records;
        this.node = node;
        this.engine = engine;
        this.notes = notes;
    }

    Outcome reconcile(String id) {
        Optional<Entry<SnapshotSpec, SnapshotStatus>> entry = records.get(id);
        if (entry.isEmpty() || !entry.get().spec().node().equals(node)) {
            return Outcome.SETTLED;
        }
        SnapshotSpec spec = entry.get().spec();
        try {
            return spec.deleting() ? remove(spec) : take(spec, entry.get().status());
        } catch (CsiFault fault) {
            return report(spec, fault);
        }
    }

    private Outcome take(SnapshotSpec spec, SnapshotStatus status) {
        if (status.generation() >= spec.generation()) {
            return Outcome.SETTLED;
        }
        notes.begin(spec.id());
        Deadline deadline = Deadline.in(LIMIT);
        Snapshot snapshot = status.taken()
                ? engine.snapshot(spec.pool(), spec.id(), deadline)
                : engine.createSnapshot(spec.pool(), spec.id(), spec.sourceVolumeId(), deadline);
        if (!snapshot.getFailure().isEmpty()) {
            throw new CsiFault.Precondition("snapshot " + spec.id() + " failed: " + snapshot.getFailure());
        }
        records.report(spec.id(), _ -> taken(spec, snapshot));
        return snapshot.getReady() ? Outcome.SETTLED : Outcome.PROGRESSING;
    }

    private static SnapshotStatus taken(SnapshotSpec spec, Snapshot snapshot) {
        return new SnapshotStatus(
                // Not settled before the copy is done.
                snapshot.getReady() ? spec.generation() : 0,
                true,
                snapshot.getReady(),
                snapshot.getSizeBytes(),
                snapshot.getCreatedMs() == 0 ? spec.createdMs() : snapshot.getCreatedMs(),
                snapshot.getReady() ? 100 : snapshot.getProgressPercent(),
                null,
                snapshot.getReady() ? "" : "it is being copied");
    }

    private Outcome remove(SnapshotSpec spec) {
        engine.deleteSnapshot(spec.pool(), spec.id(), Deadline.in(LIMIT));
        notes.end(spec.id());
        records.remove(spec.id());
        return Outcome.SETTLED;
    }

    private Outcome report(SnapshotSpec spec, CsiFault fault) {
        if (Faults.passing(fault)) {
            records.report(spec.id(), now -> now.underWay(String.valueOf(fault.getMessage())));
            return Outcome.RETRY;
        }
        records.report(spec.id(), now -> now.failed(spec.generation(), fault));
        return spec.deleting() ? Outcome.RETRY : Outcome.SETTLED;
    }
}
