package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.backend.space.FreeSpace;
import io.ublkcsi.engine.backend.space.SpaceBackend;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.pool.HeldVolume;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.MappedExtents;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the volumes of one pool from filling its disk: looks at the free space ten times a second, tells the volumes'
 * queues how much they may take, and answers what they ask. Has a thread, because the file system's answers may take
 * as long as the disk likes.
 */
final class SpaceWatch implements SpaceBackend.Owner, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpaceWatch.class);
    private static final long PERIOD_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long JOIN_MS = 1000;
    /** No disk takes that much between two looks, and no small one a quarter of itself. */
    private static final long PLENTY_BYTES = 512L << 20;

    private static final int PLENTY_FRACTION = 4;

    private final String pool;
    private final ImageStore volumes;
    private final LongSupplier headroom;
    private final FreeSpace free = new FreeSpace();
    private final long plentyBytes;
    private final Map<SpaceBackend, String> guarded = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean asked;
    private boolean failing;

    /**
     * @param headroom how many bytes volumes may take until the pool's reserve is reached; may be negative
     */
    SpaceWatch(String pool, ImageStore volumes, long totalBytes, LongSupplier headroom) {
        this.pool = pool;
        this.volumes = volumes;
        this.headroom = headroom;
        this.plentyBytes = Math.min(PLENTY_BYTES, totalBytes / PLENTY_FRACTION);
        this.thread = Thread.ofPlatform().daemon().name("space-" + pool).unstarted(this::run);
        look();
    }

    /** Before the first volume is guarded. */
    void start() {
        thread.start();
    }

    /** Makes a volume's writes wait while there is no room for them. */
    Backend guard(ImageRecord record, Backend volume) {
        SpaceBackend guard = new SpaceBackend(volume, free, !record.isPreallocated(), this);
        guarded.put(guard, record.id());
        return guard;
    }

    @Override
    public void onQuestion() {
        asked = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void onClose(SpaceBackend volume) {
        guarded.remove(volume);
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(PERIOD_NS);
            try {
                look();
                answer();
                failing = false;
            } catch (RuntimeException failure) {
                logOnce(failure);
            }
        }
    }

    private void logOnce(RuntimeException failure) {
        if (!failing) {
            LOG.error("pool '{}': its free space is not known, and writes may wait for it", pool, failure);
        }
        failing = true;
    }

    private void look() {
        free.found(headroom.getAsLong(), plentyBytes);
    }

    private void answer() {
        if (!asked) {
            return;
        }
        asked = false;
        guarded.forEach((volume, id) -> {
            int fd = open(id);
            if (fd >= 0) {
                volume.answer((offset, length) -> MappedExtents.cover(fd, offset, length));
                Linux.close(fd);
            }
        });
    }

    private int open(String id) {
        try {
            return volumes.openImage(id, Linux.O_RDONLY);
        } catch (EngineException gone) {
            return -1;
        }
    }

    List<HeldVolume> held() {
        return guarded.entrySet().stream()
                .filter(guard -> guard.getKey().waiting() > 0)
                .map(guard -> new HeldVolume(guard.getValue(), guard.getKey().waiting(), reason(guard.getKey())))
                .toList();
    }

    private String reason(SpaceBackend volume) {
        return (volume.isRefused()
                        ? "the file system of pool '" + pool + "' has no room for them"
                        : "pool '" + pool + "' is down to what it keeps free (minFree)")
                + "; they go on by themselves when there is space: delete volumes or snapshots, or give it a larger"
                + " disk";
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
