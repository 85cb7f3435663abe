package io.ublkcsi.engine.backend.cut;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendAround;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.QueueContext;
import java.util.concurrent.atomic.AtomicBoolean;

/** A volume whose changes go through a {@link CutGate}. */
final class GatedBackend extends BackendAround {
    private final CutGate gate;
    private final AtomicBoolean closed = new AtomicBoolean();

    GatedBackend(Backend volume, CutGate gate) {
        super(volume);
        this.gate = gate;
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        return new GatedQueue(context, volume.openQueue(context), gate);
    }

    @Override
    public void close() {
        super.close();
        if (!closed.getAndSet(true)) {
            gate.unserved();
        }
    }
}
