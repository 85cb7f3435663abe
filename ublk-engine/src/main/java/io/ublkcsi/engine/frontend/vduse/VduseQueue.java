package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UserData;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One virtqueue of a VDUSE device: takes requests from the ring that the driver shares with us, has the backend do
 * them on the memory where they stand, and puts them among the used ones. A request's tag is the number of its first
 * descriptor. Owned by the queue's thread.
 *
 * <p>It serves between {@link #connect} and {@link #disconnect}; before and after, it waits.
 */
final class VduseQueue implements FrontendQueue, CompletionSink {
    /** The driver has kicked. */
    private static final int KICK = 0;
    /** Brings the thread back when the driver has more than we took at once. */
    private static final int AGAIN = 1;

    /** One request in so many is timed. */
    private static final int SAMPLE_EVERY = 32;

    private static final byte FREE = 0;
    private static final byte IN_BACKEND = 1;
    /** Answered; its word in the log waits for the used ring. */
    private static final byte ANSWERED = 2;

    private final VduseQueueSetup setup;
    private final Ring ring;
    private final Requests requests;
    private final BackendQueue backend;
    private final BlkCommand commands;
    private final Iotlb iotlb;
    private final InflightLog log;
    private final QueueMetrics metrics;
    private final byte[] state;
    private final int[] answered;
    private final long[] startNs;
    private int answeredCount;
    private int inBackend;
    private int sinceSample;
    private boolean holding;
    private boolean ending;
    private boolean interruptOnce;
    private @Nullable SplitQueue virtqueue;
    private @Nullable CompletableFuture<Void> disconnected;
    private volatile int lastAvailable;

    VduseQueue(VduseQueueSetup setup, BackendQueueFactory backends) {
        int depth = setup.depth();
        this.setup = setup;
        this.ring = setup.ring();
        this.requests = new Requests(depth);
        this.iotlb = new Iotlb(setup.port());
        this.log = setup.log();
        this.metrics = setup.metrics();
        this.state = new byte[depth];
        this.answered = new int[depth];
        this.startNs = new long[depth];
        this.commands = new BlkCommand(requests, iotlb, setup.logicalBytes(), setup.serial());
        this.backend = backends.open(requests, this);
    }

    /** Opens the backend's side once the queue is there to take its completions. */
    @FunctionalInterface
    interface BackendQueueFactory {
        BackendQueue open(Requests requests, CompletionSink sink);
    }

    @Override
    public void start() {
        awaitKicks();
    }

    /** One submission brings a completion for every kick; the eventfd is never read, so that it costs nothing more. */
    private void awaitKicks() {
        long user = UserData.encode(setup.slot(), UserData.FRONTEND, KICK, 0);
        ring.prepare(Sqe.POLL_ADD, Sqe.FIXED_FILE, setup.kickSlot(), 0, 0, Sqe.POLL_ADD_MULTI, Sqe.POLLIN, 0, user);
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (operation != KICK) {
            return;
        }
        if (result < 0) {
            throw new IllegalStateException(
                    "waiting for the kicks of queue " + setup.queue() + " failed with " + Errno.name(result));
        }
        if (!ring.hasMore()) {
            awaitKicks();
        }
    }

    // ---- control work, on the queue's thread

    /**
     * The driver has set the virtqueue up and begins.
     *
     * @param recovering it had begun with a predecessor of ours, who died: what he left is done again
     */
    void connect(VqInfo info, long features, boolean recovering) {
        if (virtqueue != null) {
            return;
        }
        if (info.num() > setup.depth()) {
            throw new VirtqueueException("it has " + info.num() + " entries, and was offered " + setup.depth());
        }
        if (disconnected != null) {
            throw new VirtqueueException("it begins anew while requests of before are under way");
        }
        SplitQueue queue = new SplitQueue(info, features, iotlb);
        virtqueue = queue;
        if (recovering) {
            recover(queue);
        } else {
            log.clear(queue.publishedUsed());
        }
        lastAvailable = queue.lastAvailable();
    }

    private void recover(SplitQueue queue) {
        queue.taken(log.recover(queue));
        long sequence = InflightLog.IDLE;
        for (int head = log.next(sequence); head >= 0; head = log.next(sequence)) {
            sequence = log.sequence(head);
            begin(queue, head);
        }
        interruptOnce = true;
    }

    /** The driver is gone, and its memory with it; completes when nothing of ours touches that any more. */
    CompletableFuture<Void> disconnect() {
        CompletableFuture<Void> done = disconnected;
        if (done == null) {
            done = new CompletableFuture<>();
            disconnected = done;
            virtqueue = null;
            answeredCount = 0;
            endIfDisconnected();
        }
        return done;
    }

    private void endIfDisconnected() {
        CompletableFuture<Void> done = disconnected;
        if (done != null && inBackend == 0) {
            disconnected = null;
            java.util.Arrays.fill(state, FREE);
            iotlb.forgetAll();
            log.clear(0);
            lastAvailable = 0;
            done.complete(null);
        }
    }

    /** The driver takes memory away; nothing in flight uses it. */
    void forget(long first, long last) {
        iotlb.forget(first, last);
    }

    /** The number of the queue on its device. Any thread. */
    int index() {
        return setup.queue();
    }

    /** The index of the next entry to take. Any thread. */
    int lastAvailable() {
        return lastAvailable;
    }

    /** Ends the queue once nothing is in flight; what comes from now on stays with the driver. */
    void end() {
        holding = true;
        ending = true;
    }

    @Override
    public boolean isDrained() {
        return ending && inBackend == 0;
    }

    /** What waits stays with the driver. */
    @Override
    public void hold() {
        holding = true;
    }

    @Override
    public void resume() {
        holding = false;
    }

    @Override
    public void close() {
        backend.close();
        commands.close();
        iotlb.forgetAll();
    }

    // ---- requests

    /**
     * Shows the driver what was answered, with at most one interrupt, and takes what it has for us. Ends with a kick
     * asked for, or with an entry on the ring that brings us back.
     */
    @Override
    public void endBatch() {
        SplitQueue queue = virtqueue;
        if (queue == null) {
            return;
        }
        publish(queue);
        if (holding) {
            return;
        }
        takeAll(queue);
        boolean more = queue.askForKick();
        publish(queue);
        if (more) {
            long user = UserData.encode(setup.slot(), UserData.FRONTEND, AGAIN, 0);
            ring.prepare(Sqe.NOP, 0, 0, 0, 0, 0, 0, 0, user);
        }
        lastAvailable = queue.lastAvailable();
    }

    private void takeAll(SplitQueue queue) {
        for (int count = queue.waiting(); count > 0; count--) {
            int head = queue.take();
            if (head >= state.length || state[head] != FREE) {
                throw new VirtqueueException("descriptor " + head + " is available while its request is in flight");
            }
            log.begin(head);
            begin(queue, head);
        }
    }

    private void begin(SplitQueue queue, int head) {
        state[head] = IN_BACKEND;
        inBackend++;
        int status = commands.decode(queue, head);
        if (status != BlkCommand.FOR_BACKEND) {
            answer(head, status);
            return;
        }
        metrics.onRequest(requests.operation(head), requests.length(head));
        boolean sampled = ++sinceSample >= SAMPLE_EVERY;
        startNs[head] = sampled ? System.nanoTime() : 0;
        sinceSample = sampled ? 0 : sinceSample;
        backend.submit(head, 0);
    }

    @Override
    public void complete(int tag, int result) {
        int operation = requests.operation(tag);
        if (startNs[tag] != 0) {
            metrics.onTimed(operation, System.nanoTime() - startNs[tag]);
            startNs[tag] = 0;
        }
        boolean data = operation == BlockOperation.READ || operation == BlockOperation.WRITE;
        boolean whole = result >= 0 && (!data || result == requests.length(tag));
        if (!whole) {
            metrics.onError(operation);
        }
        answer(tag, whole ? BlkRequest.S_OK : result == -Errno.EOPNOTSUPP ? BlkRequest.S_UNSUPP : BlkRequest.S_IOERR);
    }

    private void answer(int head, int status) {
        if (state[head] != IN_BACKEND) {
            throw new IllegalStateException("request " + head + " was completed twice");
        }
        inBackend--;
        SplitQueue queue = virtqueue;
        if (queue == null) {
            state[head] = FREE;
            endIfDisconnected();
            return;
        }
        state[head] = ANSWERED;
        queue.put(head, commands.answer(head, status));
        answered[answeredCount++] = head;
    }

    private void publish(SplitQueue queue) {
        boolean interrupt = interruptOnce;
        interruptOnce = false;
        if (queue.unpublished() > 0) {
            interrupt |= queue.publish();
            for (int i = 0; i < answeredCount; i++) {
                log.end(answered[i]);
                state[answered[i]] = FREE;
            }
            answeredCount = 0;
            log.accounted(queue.publishedUsed());
        }
        if (interrupt) {
            setup.port().interrupt();
        }
    }
}
