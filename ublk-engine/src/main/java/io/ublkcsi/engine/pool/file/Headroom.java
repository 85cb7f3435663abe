package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.sys.FileSystemStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How many bytes a pool's thin volumes may take before they reach its reserve, or what others were promised. What is
 * free is asked anew each time; what is reserved, for which every image has to be looked at, every tenth. One thread.
 */
final class Headroom implements LongSupplier {
    private static final int EXACT_EVERY = 10;

    private final int folder;
    private final Supplier<PoolSpace> space;
    private final MemorySegment status = FileSystemStatus.buffer(Arena.ofAuto());
    private int looks;
    private long keptBytes;

    /**
     * @param folder a descriptor on the pool's file system
     */
    Headroom(int folder, Supplier<PoolSpace> space) {
        this.folder = folder;
        this.space = space;
    }

    /** Negative when the pool has less than it should. */
    @Override
    public long getAsLong() {
        if (looks++ % EXACT_EVERY == 0) {
            PoolSpace exact = space.get();
            keptBytes = exact.freeBytes() - exact.reallyFree();
        }
        return FileSystemStatus.of(folder, status).availableBytes() - keptBytes;
    }
}
