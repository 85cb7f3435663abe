package io.ublkcsi.controller.housekeeping;

import io.ublkcsi.common.fault.CsiFault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the cluster now and then, while this controller leads, and has each chore done. */
public final class Chores implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Chores.class);

    private final BooleanSupplier leading;
    private final Supplier<ClusterView> look;
    private final List<Chore> chores;
    private final ScheduledExecutorService timer;

    /** Something to be done about what was seen. */
    public interface Chore {
        void run(ClusterView view);
    }

    public Chores(BooleanSupplier leading, Supplier<ClusterView> look, List<Chore> chores, Duration period) {
        this.leading = leading;
        this.look = look;
        this.chores = chores;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("chores").factory());
        timer.scheduleWithFixedDelay(this::round, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void round() {
        if (!leading.getAsBoolean()) {
            return;
        }
        try {
            ClusterView view = look.get();
            for (Chore chore : chores) {
                if (leading.getAsBoolean()) {
                    chore.run(view);
                }
            }
        } catch (CsiFault later) {
            LOG.warn("housekeeping goes on in a while: {}", later.getMessage());
        } catch (RuntimeException bug) {
            LOG.error("housekeeping failed", bug);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
