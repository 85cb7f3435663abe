package io.ublkcsi.engine.backend.space;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendAround;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.QueueContext;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A volume whose writes wait while its pool has no room for them, and go on when there is. What replaces blocks that
 * the volume has already needs none.
 */
public final class SpaceBackend extends BackendAround {
    private final FreeSpace free;
    private final boolean thin;
    private final Owner owner;
    private final List<SpaceQueue> queues = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean givenUp;
    private volatile boolean refused;

    /** Whether a part of the volume has blocks of its own, so that writing there takes no space. May block. */
    @FunctionalInterface
    public interface Allocation {
        boolean isMapped(long offset, long length);
    }

    /** Whoever looks after the pool's space. */
    public interface Owner {
        /** A request waits for {@link #answer}. On a queue's thread; never blocks. */
        void onQuestion();

        void onClose(SpaceBackend volume);
    }

    /**
     * @param thin false for a volume that has its space already, and waits only when the file system says it is full
     */
    public SpaceBackend(Backend volume, FreeSpace free, boolean thin, Owner owner) {
        super(volume);
        this.free = free;
        this.thin = thin;
        this.owner = owner;
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        SpaceQueue queue = new SpaceQueue(context, volume, this);
        queues.add(queue);
        return queue;
    }

    /** Says of every request that asked whether it takes space. On the pool's thread. */
    public void answer(Allocation allocation) {
        queues.forEach(queue -> queue.answer(allocation));
    }

    /** Requests that wait for space. */
    public int waiting() {
        return waiting.get();
    }

    /** Whether the file system itself refused some of what waits: it is full, or a quota is. */
    public boolean isRefused() {
        return refused;
    }

    @Override
    public void giveUp() {
        givenUp = true;
        super.giveUp();
    }

    @Override
    public void close() {
        owner.onClose(this);
        super.close();
    }

    boolean isGivenUp() {
        return givenUp;
    }

    boolean isThin() {
        return thin;
    }

    FreeSpace free() {
        return free;
    }

    void ask() {
        owner.onQuestion();
    }

    /**
     * @param byRefusal whether a request waits because the file system refused it, not because the pool has no room
     */
    void waitsFor(boolean byRefusal) {
        if (byRefusal) {
            refused = true;
        } else if (waiting.get() == 0) {
            refused = false;
        }
    }

    void count(int more) {
        waiting.addAndGet(more);
    }
}
