package io.ublkcsi.engine.observe;

import io.ublkcsi.engine.control.VolumeKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Times during which something is wrong with volumes: how many there were, how long they took. One thread. */
final class Spells {
    private static final double NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Map<VolumeKey, Long> beginNs = new TreeMap<>();
    private long count;
    private long endedNs;

    /** False when the volume's spell is under way already. */
    boolean begin(VolumeKey volume, long nowNs) {
        boolean begins = beginNs.putIfAbsent(volume, nowNs) == null;
        count += begins ? 1 : 0;
        return begins;
    }

    /** Answers how long the volume's spell was, in seconds. */
    double end(VolumeKey volume, long nowNs) {
        Long begun = beginNs.remove(volume);
        long tookNs = begun == null ? 0 : nowNs - begun;
        endedNs += tookNs;
        return tookNs / NS_PER_SECOND;
    }

    /** Volumes whose spell is under way. */
    List<VolumeKey> volumes() {
        return List.copyOf(beginNs.keySet());
    }

    long count() {
        return count;
    }

    double seconds(long nowNs) {
        long underWayNs =
                beginNs.values().stream().mapToLong(begun -> nowNs - begun).sum();
        return (endedNs + underWayNs) / NS_PER_SECOND;
    }
}
