package io.ublkcsi.node.reconcile;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.node.engine.EngineClient;
import io.ublkcsi.node.holder.Holders;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.orphan.Notes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this node what the records want: looks at each record when it changes, when it could not be settled, and now
 * and then for no reason. The same over files and over custom resources.
 */
public final class Reconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final int WORKERS = 4;
    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final int MAX_DOUBLINGS = 6;
    private static final Duration POOLS_PERIOD = Duration.ofSeconds(1);
    private static final Duration POOLS_AFTER_CHANGE = Duration.ofMillis(100);
    private static final Duration DEVICES_PERIOD = Duration.ofSeconds(30);

    /** What can be looked at. */
    private enum Kind {
        VOLUME,
        SNAPSHOT,
        POOLS,
        DEVICES,
        EVERYTHING
    }

    private record Key(Kind kind, String id) {
        static final Key POOLS = new Key(Kind.POOLS, "");
        static final Key DEVICES = new Key(Kind.DEVICES, "");
        static final Key EVERYTHING = new Key(Kind.EVERYTHING, "");
    }

    private final VolumeStore store;
    private final VolumeWork volumes;
    private final SnapshotWork snapshots;
    private final NodeReport report;
    private final WorkQueue<Key> queue = new WorkQueue<>();
    private final Map<Key, Integer> failures = new ConcurrentHashMap<>();
    private final VolumeStore.Subscription subscription;

    /** Without notes of what was made. */
    public Reconciler(
            VolumeStore store, String node, EngineClient engine, Supplier<MountTable> mounts, Holders holders) {
        this(store, node, engine, mounts, holders, Notes.none());
    }

    public Reconciler(
            VolumeStore store,
            String node,
            EngineClient engine,
            Supplier<MountTable> mounts,
            Holders holders,
            Notes notes) {
        this.store = store;
        this.volumes = new VolumeWork(store.volumes(), node, engine, holders, notes);
        this.snapshots = new SnapshotWork(store.snapshots(), node, engine, notes);
        this.report = new NodeReport(store, node, engine, mounts);
        this.subscription = store.watch(this::changed);
        queue.add(Key.POOLS);
        queue.add(Key.DEVICES);
        queue.add(Key.EVERYTHING);
        for (int i = 0; i < WORKERS; i++) {
            Thread.ofPlatform().daemon().name("reconcile-" + i).start(this::work);
        }
    }

    private void changed(Change change) {
        switch (change.kind()) {
            case VOLUME -> queue.add(new Key(Kind.VOLUME, change.id()));
            case SNAPSHOT -> queue.add(new Key(Kind.SNAPSHOT, change.id()));
            case ALL -> queue.add(Key.EVERYTHING);
            case POOLS -> LOG.trace("a node reported its pools");
        }
    }

    private void everything() {
        store.volumes().list().forEach(entry -> queue.add(new Key(Kind.VOLUME, entry.id())));
        store.snapshots().list().forEach(entry -> queue.add(new Key(Kind.SNAPSHOT, entry.id())));
    }

    private void work() {
        try {
            Optional<Key> key = queue.take();
            while (key.isPresent()) {
                handle(key.get());
                queue.done(key.get());
                key = queue.take();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(Key key) {
        Outcome outcome;
        try {
            outcome = look(key);
        } catch (RuntimeException failure) {
            if (failure instanceof CsiFault) {
                LOG.warn("{}: {}", key, failure.getMessage());
            } else {
                LOG.error("{}: a bug", key, failure);
            }
            outcome = Outcome.RETRY;
        }
        schedule(key, outcome);
    }

    private Outcome look(Key key) {
        return switch (key.kind()) {
            case VOLUME -> volumes.reconcile(key.id());
            case SNAPSHOT -> snapshots.reconcile(key.id());
            case POOLS -> {
                report.pools();
                yield Outcome.SETTLED;
            }
            case DEVICES -> {
                report.devices();
                yield Outcome.SETTLED;
            }
            case EVERYTHING -> {
                everything();
                yield Outcome.SETTLED;
            }
        };
    }

    private void schedule(Key key, Outcome outcome) {
        if (outcome != Outcome.RETRY) {
            failures.remove(key);
        }
        switch (outcome) {
            case RETRY -> {
                int before = failures.merge(key, 1, Integer::sum) - 1;
                Duration longer = FIRST_RETRY.multipliedBy(1L << Math.min(before, MAX_DOUBLINGS));
                // Asking for the pools waits for the engine anyway, and the capacity of one that is back is wanted
                // soon.
                queue.addAfter(key, key.kind() == Kind.POOLS ? POOLS_PERIOD : longer);
            }
            case PROGRESSING -> queue.addAfter(key, SOON);
            case SETTLED -> settle(key);
        }
    }

    private void settle(Key key) {
        switch (key.kind()) {
            case POOLS -> queue.addAfter(key, POOLS_PERIOD);
            case DEVICES -> queue.addAfter(key, DEVICES_PERIOD);
            case VOLUME, SNAPSHOT -> queue.addAfter(Key.POOLS, POOLS_AFTER_CHANGE);
            case EVERYTHING -> LOG.trace("every record will be looked at");
        }
    }

    @Override
    public void close() {
        subscription.close();
        queue.close();
    }
}
