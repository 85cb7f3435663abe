package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.RingTimer;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * One queue of a volume behind a volatile cache. A plain write ends in the cache. Whatever else changes the volume
 * first moves the whole cache to it, block by block, one such request at a time over all queues; the others look
 * again a little later.
 */
final class VolatileCacheQueue implements BackendQueue {
    private static final int RETRY = 0xe0;
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** What a tag's request on the volume is for. */
    private static final byte PASSING = 0;

    private static final byte STORING = 1;
    private static final byte ENDING = 2;

    private final Requests requests;
    private final Requests passedOn;
    private final CompletionSink sink;
    private final Backend backend;
    private final BackendQueue volume;
    private final VolatileCache cache;
    private final RingTimer timer;
    private final MemorySegment bounce;
    private final int blockBytes;
    private final byte[] step;
    private final int[] place;
    private final int[] version;
    private boolean insideSubmit;
    private boolean endedInside;

    VolatileCacheQueue(QueueContext context, Backend backend, VolatileCache cache) {
        this.requests = context.requests();
        this.passedOn = new Requests(requests.depth());
        this.sink = context.sink();
        this.backend = backend;
        this.cache = cache;
        this.blockBytes = cache.blockBytes();
        this.timer = new RingTimer(context.ring(), context.slot(), RETRY, RETRY_NS);
        this.bounce = Memory.allocatePages(Memory.roundUp((long) requests.depth() * blockBytes, Memory.PAGE_BYTES));
        this.step = new byte[requests.depth()];
        this.place = new int[requests.depth()];
        this.version = new int[requests.depth()];
        this.volume = backend.openQueue(new QueueContext(
                context.ring(), passedOn, this::onVolumeCompletion, context.slot(), context.fileSlot()));
    }

    @Override
    public boolean isSingleEntry(int tag) {
        return false;
    }

    @Override
    public void submit(int tag, int linkFlags) {
        int operation = requests.operation(tag);
        BlockLimits limits = backend.limits();
        boolean refused = limits.readOnly() || !requests.isInside(tag, limits.sizeBytes());
        if (operation == BlockOperation.READ || refused) {
            step[tag] = PASSING;
            passedOn.copy(tag, requests);
            volume.submit(tag, 0);
        } else if (operation == BlockOperation.WRITE && keep(tag)) {
            sink.complete(tag, requests.length(tag));
        } else {
            moveAll(tag);
        }
    }

    private boolean keep(int tag) {
        long first = requests.offset(tag) / blockBytes;
        return !requests.has(tag, Requests.FUA) && cache.put(first, blocks(tag), requests, tag);
    }

    private int blocks(int tag) {
        return requests.length(tag) / blockBytes;
    }

    private void moveAll(int tag) {
        if (cache.tryLock()) {
            step[tag] = STORING;
            place[tag] = 0;
            storeNext(tag);
        } else {
            timer.start(tag);
        }
    }

    /** A volume that answers at once must not make this recursive: the cache holds many blocks. */
    private void storeNext(int tag) {
        do {
            place[tag] = cache.nextUsed(place[tag]);
            if (place[tag] == VolatileCache.NONE) {
                step[tag] = ENDING;
                passedOn.copy(tag, requests);
                volume.submit(tag, 0);
                return;
            }
            long at = bounce.address() + (long) tag * blockBytes;
            long offset = cache.blockAt(place[tag]) * blockBytes;
            version[tag] = cache.copyOut(place[tag], at);
            passedOn.set(tag, BlockOperation.WRITE, 0, offset, blockBytes);
            passedOn.setData(tag, at, Requests.NO_BUFFER);
            endedInside = false;
            insideSubmit = true;
            volume.submit(tag, 0);
            insideSubmit = false;
        } while (endedInside && step[tag] == STORING);
    }

    private void onVolumeCompletion(int tag, int result) {
        switch (step[tag]) {
            case PASSING -> {
                if (result > 0) {
                    cache.overlay(requests.offset(tag) / blockBytes, result / blockBytes, requests, tag);
                }
                sink.complete(tag, result);
            }
            case STORING -> onStored(tag, result);
            default -> end(tag, result);
        }
    }

    private void onStored(int tag, int result) {
        if (result != blockBytes) {
            step[tag] = ENDING;
            end(tag, result < 0 ? result : -Errno.EIO);
            return;
        }
        cache.stored(place[tag]++, version[tag]);
        endedInside = true;
        if (!insideSubmit) {
            storeNext(tag);
        }
    }

    private void end(int tag, int result) {
        cache.unlock();
        sink.complete(tag, result);
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (operation == RETRY) {
            moveAll(tag);
        } else {
            volume.onCompletion(tag, operation, result);
        }
    }

    @Override
    public void close() {
        volume.close();
        Memory.freePages(bounce);
    }
}
