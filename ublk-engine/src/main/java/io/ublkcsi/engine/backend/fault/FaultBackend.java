package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendAround;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.sys.Memory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Another backend's volume with the faults of a {@link FaultSpec}, for whoever wants to see what his system makes of
 * a bad disk. Never blocks: a delay is a timeout on the queue's ring. Costs a few words of memory a tag, and what is
 * lost unless flushed.
 */
public final class FaultBackend extends BackendAround {
    private final FaultSpec spec;
    private final Runnable death;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicInteger queues = new AtomicInteger();

    /**
     * @param volume owned by this backend from here on
     */
    public FaultBackend(FaultSpec spec, Backend volume) {
        this(spec, volume, Memory::crash);
    }

    FaultBackend(FaultSpec spec, Backend volume, Runnable death) {
        super(spec.lostUnlessFlushed() ? new VolatileCacheBackend(volume) : volume);
        this.spec = spec;
        this.death = death;
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        FaultDice dice = new FaultDice(spec, queues.getAndIncrement());
        return new FaultQueue(context, volume, dice, spec.delayNs(), this::countRequest);
    }

    private void countRequest() {
        if (spec.dieAfter() != 0 && requests.incrementAndGet() == spec.dieAfter()) {
            death.run();
        }
    }
}
