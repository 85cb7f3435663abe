package io.ublkcsi.engine.service;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.VolumeIds;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** One operation a snapshot at a time; the second gets ABORTED. */
final class SnapshotGuard {
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    <T> T exclusively(String pool, String snapshotId, Supplier<T> operation) {
        VolumeIds.check("snapshot id", snapshotId);
        String key = pool + "/" + snapshotId;
        if (!busy.add(key)) {
            throw new EngineException(
                    Kind.ABORTED,
                    "another operation on snapshot " + key + " is under way: try again when it has ended");
        }
        try {
            return operation.get();
        } finally {
            busy.remove(key);
        }
    }
}
