package io.ublkcsi.engine.backend.space;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.RingTimer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * One queue of a {@link SpaceBackend}. A write for which there is no room asks the pool's thread whether it takes any;
 * one that does waits and tries again, as does one that the file system refused for want of space.
 */
final class SpaceQueue implements BackendQueue {
    /** The steps of our ring entries; a volume below us uses smaller ones, one above us larger ones. */
    static final int ANSWERED = 0xc0;

    static final int RETRY = 0xc1;

    private static final long ANSWER_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A question's state, in the low bits of its word; the others count questions, so that an answer has one. */
    private static final int STATE_MASK = 3;

    private static final int ASKED = 1;
    private static final int MAPPED = 2;
    private static final int UNMAPPED = 3;
    private static final int NEXT_QUESTION = STATE_MASK + 1;

    private final Requests requests;
    private final CompletionSink sink;
    private final SpaceBackend backend;
    private final BackendQueue volume;
    private final RingTimer answerTimer;
    private final RingTimer retryTimer;
    private final boolean[] waiting;
    private final AtomicIntegerArray questions;

    SpaceQueue(QueueContext context, Backend volume, SpaceBackend backend) {
        this.requests = context.requests();
        this.sink = context.sink();
        this.backend = backend;
        this.answerTimer = new RingTimer(context.ring(), context.slot(), ANSWERED, ANSWER_NS);
        this.retryTimer = new RingTimer(context.ring(), context.slot(), RETRY, RETRY_NS);
        this.waiting = new boolean[requests.depth()];
        this.questions = new AtomicIntegerArray(requests.depth());
        this.volume = volume.openQueue(
                new QueueContext(context.ring(), requests, this::complete, context.slot(), context.fileSlot()));
    }

    @Override
    public boolean isSingleEntry(int tag) {
        return isFree(tag) && volume.isSingleEntry(tag);
    }

    private boolean isFree(int tag) {
        return !adds(tag) || !backend.isThin() || backend.free().isPlenty();
    }

    /** Whether the request may add blocks to the volume. */
    private boolean adds(int tag) {
        int operation = requests.operation(tag);
        return operation == BlockOperation.WRITE
                || operation == BlockOperation.WRITE_ZEROES && requests.has(tag, Requests.NO_UNMAP);
    }

    /** A request that goes out in a chain was free when it was asked whether it can. */
    @Override
    public void submit(int tag, int linkFlags) {
        if (linkFlags != 0 || isFree(tag) || backend.free().take(bytes(tag))) {
            volume.submit(tag, linkFlags);
        } else if (backend.isGivenUp()) {
            end(tag, -Errno.ENOSPC);
        } else {
            questions.setRelease(tag, (questions.getPlain(tag) & ~STATE_MASK) + NEXT_QUESTION + ASKED);
            backend.ask();
            answerTimer.start(tag);
        }
    }

    private long bytes(int tag) {
        return Integer.toUnsignedLong(requests.length(tag));
    }

    /** On the pool's thread: a tag whose question stands is not touched by its queue. */
    void answer(SpaceBackend.Allocation allocation) {
        for (int tag = 0; tag < questions.length(); tag++) {
            int question = questions.getAcquire(tag);
            if ((question & STATE_MASK) == ASKED) {
                int state = allocation.isMapped(requests.offset(tag), bytes(tag)) ? MAPPED : UNMAPPED;
                questions.compareAndSet(tag, question, question & ~STATE_MASK | state);
            }
        }
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        switch (operation) {
            case ANSWERED -> afterQuestion(tag);
            case RETRY -> submit(tag, 0);
            default -> volume.onCompletion(tag, operation, result);
        }
    }

    private void afterQuestion(int tag) {
        switch (questions.getAcquire(tag) & STATE_MASK) {
            case MAPPED -> volume.submit(tag, 0);
            case UNMAPPED -> hold(tag, false);
            default -> {
                if (backend.isGivenUp()) {
                    end(tag, -Errno.ENOSPC);
                } else {
                    answerTimer.start(tag);
                }
            }
        }
    }

    private void complete(int tag, int result) {
        boolean full = result == -Errno.ENOSPC || result == -Errno.EDQUOT;
        if (full && requests.operation(tag) != BlockOperation.FLUSH && !backend.isGivenUp()) {
            hold(tag, true);
        } else {
            end(tag, result);
        }
    }

    private void hold(int tag, boolean refused) {
        backend.waitsFor(refused);
        if (!waiting[tag]) {
            waiting[tag] = true;
            backend.count(1);
        }
        retryTimer.start(tag);
    }

    private void end(int tag, int result) {
        if (waiting[tag]) {
            waiting[tag] = false;
            backend.count(-1);
        }
        sink.complete(tag, result);
    }

    @Override
    public void close() {
        volume.close();
    }
}
