package io.ublkcsi.engine.backend.fault;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.RingTimer;

/**
 * One queue of a faulty volume. Hands requests on to the volume's own queue in a copy of its own, because a torn or
 * short one is not what the frontend has asked for.
 */
final class FaultQueue implements BackendQueue {
    /** Steps of ring entries from here on are ours; a volume below us uses smaller ones. */
    private static final int DELAY = 0xf0;

    private final Requests requests;
    private final Requests passedOn;
    private final CompletionSink sink;
    private final BackendQueue volume;
    private final FaultDice dice;
    private final RingTimer timer;
    private final long delayNs;
    private final int blockBytes;
    private final Runnable count;
    private final boolean[] torn;

    FaultQueue(QueueContext context, Backend backend, FaultDice dice, long delayNs, Runnable count) {
        this.requests = context.requests();
        this.passedOn = new Requests(requests.depth());
        this.sink = context.sink();
        this.dice = dice;
        this.delayNs = delayNs;
        this.count = count;
        this.timer = new RingTimer(context.ring(), context.slot(), DELAY, delayNs);
        this.blockBytes = backend.limits().logicalBytes();
        this.torn = new boolean[requests.depth()];
        this.volume = backend.openQueue(new QueueContext(
                context.ring(), passedOn, this::onVolumeCompletion, context.slot(), context.fileSlot()));
    }

    /** Any of them may be split, delayed or lost. */
    @Override
    public boolean isSingleEntry(int tag) {
        return false;
    }

    @Override
    public void submit(int tag, int linkFlags) {
        count.run();
        if (delayNs > 0 && dice.delays(requests.operation(tag))) {
            timer.start(tag);
        } else {
            begin(tag);
        }
    }

    private void begin(int tag) {
        int operation = requests.operation(tag);
        if (dice.sticks(operation)) {
            return;
        }
        int errno = dice.errno(operation);
        if (errno != 0) {
            sink.complete(tag, -errno);
            return;
        }
        torn[tag] = dice.tears(operation);
        int length = requests.length(tag);
        boolean partly = torn[tag] || dice.shortens(operation);
        passOn(tag, partly && length > blockBytes ? dice.part(length, blockBytes) : length);
    }

    private void passOn(int tag, int lengthBytes) {
        passedOn.copy(tag, requests);
        passedOn.setLength(tag, lengthBytes);
        volume.submit(tag, 0);
    }

    private void onVolumeCompletion(int tag, int result) {
        sink.complete(tag, torn[tag] && result >= 0 ? -Errno.EIO : result);
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (operation == DELAY) {
            begin(tag);
        } else {
            volume.onCompletion(tag, operation, result);
        }
    }

    @Override
    public void close() {
        volume.close();
    }
}
