package io.ublkcsi.engine.backend.cut;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.uring.RingTimer;
import java.util.concurrent.TimeUnit;

/** One queue of a {@link GatedBackend}: a request that has to wait asks again every millisecond. */
final class GatedQueue implements BackendQueue {
    /** The step of our one ring entry; a volume below us uses smaller ones, one above us larger ones. */
    private static final int RETRY = 0xd0;

    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Requests requests;
    private final BackendQueue volume;
    private final CutGate gate;
    private final RingTimer timer;

    GatedQueue(QueueContext context, BackendQueue volume, CutGate gate) {
        this.requests = context.requests();
        this.volume = volume;
        this.gate = gate;
        this.timer = new RingTimer(context.ring(), context.slot(), RETRY, RETRY_NS);
    }

    @Override
    public boolean isSingleEntry(int tag) {
        return (!changes(tag) || gate.isOpen()) && volume.isSingleEntry(tag);
    }

    /** A request that goes out in a chain found the gate open when it was asked whether it can. */
    @Override
    public void submit(int tag, int linkFlags) {
        if (linkFlags != 0 || !changes(tag) || gate.isOpen() || isAdmitted(tag)) {
            volume.submit(tag, linkFlags);
        } else {
            timer.start(tag);
        }
    }

    private boolean changes(int tag) {
        return BlockOperation.changes(requests.operation(tag));
    }

    private boolean isAdmitted(int tag) {
        return gate.admits(requests.offset(tag), Integer.toUnsignedLong(requests.length(tag)));
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (operation == RETRY) {
            submit(tag, 0);
        } else {
            volume.onCompletion(tag, operation, result);
        }
    }

    @Override
    public void close() {
        volume.close();
    }
}
