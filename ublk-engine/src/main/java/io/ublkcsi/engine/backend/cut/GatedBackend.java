package io.ublkcsi.engine.backend.cut;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueContext;
import java.util.concurrent.atomic.AtomicBoolean;

/** A volume whose changes go through a {@link CutGate}. */
final class GatedBackend implements Backend {
    private final Backend volume;
    private final CutGate gate;
    private final AtomicBoolean closed = new AtomicBoolean();

    GatedBackend(Backend volume, CutGate gate) {
        this.volume = volume;
        this.gate = gate;
    }

    @Override
    public BlockLimits limits() {
        return volume.limits();
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        return new GatedQueue(context, volume.openQueue(context), gate);
    }

    @Override
    public void queuesOpened() {
        volume.queuesOpened();
    }

    @Override
    public void refresh() {
        volume.refresh();
    }

    @Override
    public void close() {
        volume.close();
        if (!closed.getAndSet(true)) {
            gate.unserved();
        }
    }
}
