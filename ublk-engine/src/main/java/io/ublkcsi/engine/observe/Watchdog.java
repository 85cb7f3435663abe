package io.ublkcsi.engine.observe;

import io.ublkcsi.engine.control.DeviceControl;
import io.ublkcsi.engine.control.DeviceView;
import io.ublkcsi.engine.control.EngineEvent;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.pool.HeldVolume;
import io.ublkcsi.engine.pool.Pool;
import io.ublkcsi.engine.pool.PoolRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when requests of a device make no progress, or wait for space in their pool, and when they go on. Looks once a
 * second, from a thread of its own, and asks nothing of the I/O path.
 */
public final class Watchdog implements AutoCloseable {
    static final String STALLED = "stalled";
    static final String POOL_FULL = "pool_full";
    static final String RESUMED = "resumed";

    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private final DeviceControl devices;
    private final PoolRegistry pools;
    private final Consumer<EngineEvent> events;
    private final Function<String, DiskCounters> counters;
    private final Map<VolumeKey, StuckRequests> watched = new HashMap<>();
    private final Safepoints safepoints = Safepoints.ofJvm();
    private final Spells stalls = new Spells();
    private final Spells holds = new Spells();
    private final ScheduledExecutorService thread;
    private volatile Progress progress = new Progress(0, 0, 0, 0, 0, 0, 0);
    private long stalledRequests;
    private int heldRequests;

    /**
     * @param counters of the block device with that path
     */
    Watchdog(
            DeviceControl devices,
            PoolRegistry pools,
            Consumer<EngineEvent> events,
            Function<String, DiskCounters> counters) {
        this.devices = devices;
        this.pools = pools;
        this.events = events;
        this.counters = counters;
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("watchdog").daemon().factory());
    }

    public static Watchdog start(DeviceControl devices, PoolRegistry pools, Consumer<EngineEvent> events) {
        Watchdog watchdog = new Watchdog(devices, pools, events, DiskCounters.reader());
        watchdog.thread.scheduleWithFixedDelay(
                watchdog::lookSafely, Safepoints.PERIOD_MS, Safepoints.PERIOD_MS, TimeUnit.MILLISECONDS);
        return watchdog;
    }

    Progress progress() {
        return progress;
    }

    Safepoints safepoints() {
        return safepoints;
    }

    private void lookSafely() {
        safepoints.sample();
        try {
            look(System.nanoTime());
        } catch (RuntimeException failure) {
            LOG.error("the watchdog could not look at the devices", failure);
        }
    }

    void look(long nowNs) {
        Set<VolumeKey> held = lookAtPools(nowNs);
        lookAtDevices(held, nowNs);
        progress = new Progress(
                stalls.volumes().size(),
                stalledRequests,
                stalls.count(),
                stalls.seconds(nowNs),
                heldRequests,
                holds.count(),
                holds.seconds(nowNs));
    }

    private Set<VolumeKey> lookAtPools(long nowNs) {
        Set<VolumeKey> held = new HashSet<>();
        heldRequests = 0;
        for (Pool pool : pools.pools()) {
            for (HeldVolume volume : pool.held()) {
                VolumeKey key = new VolumeKey(pool.name(), volume.volumeId());
                held.add(key);
                heldRequests += volume.requests();
                if (holds.begin(key, nowNs)) {
                    report(POOL_FULL, key, volume.requests() + " of its requests wait for space: " + volume.reason());
                }
            }
        }
        endSpells(holds, held, "its requests no longer wait for space, after %.0f s", nowNs);
        return held;
    }

    private void lookAtDevices(Set<VolumeKey> held, long nowNs) {
        Set<VolumeKey> stalled = new HashSet<>();
        Set<VolumeKey> present = new HashSet<>();
        stalledRequests = 0;
        for (DeviceView device : devices.devices()) {
            present.add(device.volume());
            long stuck = stuckRequests(device);
            if (stuck > 0 && !held.contains(device.volume())) {
                stalled.add(device.volume());
                stalledRequests += stuck;
                if (stalls.begin(device.volume(), nowNs)) {
                    report(STALLED, device.volume(), sentence(device, stuck));
                }
            }
        }
        watched.keySet().retainAll(present);
        endSpells(stalls, stalled, "its requests go on after a stall of %.0f s", nowNs);
    }

    private long stuckRequests(DeviceView device) {
        StuckRequests stuck = watched.get(device.volume());
        if (stuck == null || !stuck.isOf(device.path())) {
            stuck = new StuckRequests(device.path());
            watched.put(device.volume(), stuck);
        }
        return stuck.look(counters.apply(device.path()));
    }

    private static String sentence(DeviceView device, long stuck) {
        return String.format(
                Locale.ROOT,
                "%d of the requests of %s have made no progress for %d s: the disk under pool '%s', or its server, does"
                        + " not answer; users of the device wait, and no data is lost",
                stuck,
                device.path(),
                StuckRequests.SECONDS,
                device.volume().pool());
    }

    private void endSpells(Spells spells, Set<VolumeKey> goOn, String sentence, long nowNs) {
        for (VolumeKey volume : spells.volumes()) {
            if (!goOn.contains(volume)) {
                double seconds = spells.end(volume, nowNs);
                report(RESUMED, volume, String.format(Locale.ROOT, sentence, seconds));
            }
        }
    }

    private void report(String kind, VolumeKey volume, String message) {
        if (kind.equals(RESUMED)) {
            LOG.info("volume {} {}: {}", volume, kind, message);
        } else {
            LOG.warn("volume {} {}: {}", volume, kind, message);
        }
        events.accept(new EngineEvent(System.currentTimeMillis(), kind, volume, message));
    }

    @Override
    public void close() {
        thread.shutdownNow();
        if (safepoints.isKnown()) {
            LOG.info("the JVM's longest safepoint took {} ms", Math.round(safepoints.maxSeconds() * 1000));
        }
    }
}
