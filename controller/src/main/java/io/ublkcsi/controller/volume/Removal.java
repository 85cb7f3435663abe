package io.ublkcsi.controller.volume;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.Records;
import io.ublkcsi.common.store.Spec;
import io.ublkcsi.common.store.Status;
import io.ublkcsi.common.store.StoreWait;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.controller.node.Nodes;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** Has a record, and what it stands for, removed by its node. The same for volumes and snapshots. */
public final class Removal<S extends Spec<S>, T extends Status> {
    /** How long a call that failed anyway waits for what it had begun to be cleared away. */
    private static final Duration WITHDRAWAL = Duration.ofSeconds(5);

    private final Records<S, T> records;
    private final Change.Kind kind;
    private final StoreWait wait;
    private final Nodes nodes;

    public Removal(Records<S, T> records, Change.Kind kind, StoreWait wait, Nodes nodes) {
        this.records = records;
        this.kind = kind;
        this.wait = wait;
        this.nodes = nodes;
    }

    /**
     * Removes it; fine when there is none.
     *
     * @throws CsiFault why the node could not
     * @throws CsiFault.Busy when the node did not get to it before the deadline; it goes on, and so may the caller
     * @throws CsiFault.Unavailable when there is no node that could; one that comes back finds the record marked
     */
    public void run(String id, Deadline deadline) {
        Optional<Entry<S, T>> entry = records.get(id);
        if (entry.isEmpty()) {
            return;
        }
        int wish = mark(id, entry.get());
        String node = entry.get().spec().node();
        if (nodes.isReleased(node)) {
            records.remove(id);
            return;
        }
        if (nodes.of(node) != Nodes.Standing.PRESENT) {
            throw new CsiFault.Unavailable(id + " can't be removed now: " + nodes.explain(node));
        }
        wait.until(kind, records, id, status -> status.failed(wish), deadline).ifPresent(left -> complain(left, wish));
    }

    /** Takes back a wish that failed; what can't be removed in time, the node removes later. */
    public void withdraw(String id) {
        try {
            run(id, Deadline.in(WITHDRAWAL));
        } catch (CsiFault.Busy | CsiFault.Precondition | CsiFault.Unavailable later) {
            // The record is marked: its node goes on with it.
            return;
        }
    }

    /** Returns the generation whose fate is to be awaited. */
    private int mark(String id, Entry<S, T> entry) {
        boolean underWay = entry.spec().deleting() && entry.status().failure() == null;
        if (underWay) {
            return entry.spec().generation();
        }
        try {
            return records.update(id, Spec::toDelete).spec().generation();
        } catch (CsiFault.NotFound removedMeanwhile) {
            return entry.spec().generation();
        }
    }

    private void complain(Entry<S, T> left, int wish) {
        T status = left.status();
        if (status.failed(wish)) {
            throw CsiFault.of(Objects.requireNonNull(status.failure()), status.reason());
        }
        throw new CsiFault.Busy(
                left.id() + " is being removed by node " + left.spec().node() + ": " + status.lastWord());
    }
}
