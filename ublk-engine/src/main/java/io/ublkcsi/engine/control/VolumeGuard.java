package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** One operation a volume at a time. Any thread. */
final class VolumeGuard {
    private final Map<VolumeKey, Boolean> busy = new ConcurrentHashMap<>();

    /**
     * @throws EngineException ABORTED while another operation on the volume is under way
     */
    <T> T exclusively(VolumeKey volume, Supplier<T> operation) {
        if (busy.putIfAbsent(volume, true) != null) {
            throw new EngineException(
                    Kind.ABORTED,
                    "another operation on volume " + volume + " is under way: try again when it has ended");
        }
        try {
            return operation.get();
        } finally {
            busy.remove(volume);
        }
    }
}
