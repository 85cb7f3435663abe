package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the content of a volume that is being served, as it is at one moment, where the file system cannot share
 * blocks: by copying what a write is about to change before it changes.
 */
@FunctionalInterface
public interface SnapshotCopier {
    /** Has no way to do it, and says so. */
    SnapshotCopier NONE = (volumeId, target, sizeBytes, ended) -> {
        throw new EngineException(
                Kind.FAILED_PRECONDITION,
                "volume " + volumeId
                        + " is attached, and its pool's file system cannot share blocks between files (no reflink):"
                        + " detach it first, or keep the pool on XFS or Btrfs");
    };

    /**
     * Fixes the moment and starts to copy; answers once the moment is fixed.
     *
     * @param target an empty image of the volume's size, open for direct I/O, the copier's to close
     * @param ended told null, or why the copy failed, once; on any thread
     */
    void start(String volumeId, int target, long sizeBytes, Consumer<@Nullable RuntimeException> ended);
}
