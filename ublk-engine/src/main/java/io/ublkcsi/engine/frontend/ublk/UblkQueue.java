package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.block.TagFifo;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UserData;

/**
 * One queue of a ublk device: fetches requests, has their data moved and the backend do its part, and commits the
 * results. Owned by the queue's thread.
 *
 * <p>Where the kernel allows it, a request comes alone, and every step of it is one ring entry, the steps go out as
 * one chain that ends with the commit: the request then costs one {@code io_uring_enter} and, when all goes well,
 * no completion of its own. A step that fails or falls short ends the chain there and posts the one completion of it,
 * and the request goes on step by step from that point.
 */
final class UblkQueue implements FrontendQueue, CompletionSink {
    /** A command of {@link IoCommands}. */
    static final int COMMAND = 0;
    /** Bytes were copied between the request's pages and our buffer. */
    static final int COPY = 1;

    static final int REGISTER = 2;
    static final int UNREGISTER = 3;
    /** From here on operations are those of {@link IoCommands}, as {@link #COMMAND} is. */
    static final int FIRST_FREE_OPERATION = 4;

    static final int CHAIN = Sqe.IO_LINK | Sqe.CQE_SKIP_SUCCESS;

    /** One request in so many is timed, step by step, outside a chain. */
    static final int SAMPLE_EVERY = 32;

    private static final int UNKNOWN = -1;

    private final UblkQueueSetup setup;
    private final Ring ring;
    private final Requests requests;
    private final long descriptors;
    private final long owner;
    private final BackendQueue backend;
    private final DataMover mover;
    private final IoCommands commands;
    private final QueueMetrics metrics;
    private final TagFifo held;
    private final boolean[] chained;
    /** Of a request that is timed; else 0. */
    private final long[] startNs;

    private boolean holding;
    /** Requests that came since the thread last went to wait. */
    private int arriving;
    /** Requests under way that are not chains. */
    private int stepping;

    private int sinceSample;

    UblkQueue(UblkQueueSetup setup, BackendQueueFactory backends, MoverFactory movers) {
        this.setup = setup;
        this.ring = setup.ring();
        this.requests = new Requests(setup.depth());
        this.descriptors = setup.descriptors().address();
        this.owner = UserData.encode(setup.slot(), UserData.FRONTEND, 0, 0);
        this.metrics = setup.metrics();
        this.held = new TagFifo(setup.depth());
        this.chained = new boolean[setup.depth()];
        this.startNs = new long[setup.depth()];
        this.backend = backends.open(requests, this);
        this.mover = movers.create(this);
        this.commands = setup.batch() ? new BatchCommands(this) : new TagCommands(this, mover);
    }

    /** Opens the backend's side once the queue is there to take its completions. */
    @FunctionalInterface
    interface BackendQueueFactory {
        BackendQueue open(Requests requests, CompletionSink sink);
    }

    @FunctionalInterface
    interface MoverFactory {
        DataMover create(UblkQueue queue);
    }

    Ring ring() {
        return ring;
    }

    Requests requests() {
        return requests;
    }

    BackendQueue backend() {
        return backend;
    }

    UblkQueueSetup setup() {
        return setup;
    }

    /** Requests that are under way step by step. */
    int stepping() {
        return stepping;
    }

    QueueMetrics metrics() {
        return metrics;
    }

    @Override
    public void start() {
        commands.start();
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (operation == COMMAND || operation >= FIRST_FREE_OPERATION) {
            commands.onCompletion(tag, operation, result);
        } else {
            breakChain(tag);
            mover.onCompletion(tag, operation, result);
        }
    }

    /** A chain that is heard of before its end goes on step by step. */
    private void breakChain(int tag) {
        if (chained[tag]) {
            chained[tag] = false;
            stepping++;
        }
    }

    @Override
    public void endBatch() {
        arriving = 0;
        commands.endBatch();
    }

    @Override
    public boolean isDrained() {
        return commands.isEnded();
    }

    @Override
    public void hold() {
        holding = true;
    }

    @Override
    public void resume() {
        holding = false;
        arriving = held.size();
        for (int i = held.size(); i > 0; i--) {
            begin(held.remove());
        }
    }

    @Override
    public void close() {
        backend.close();
        mover.close();
        commands.close();
        setup.unmapDescriptors();
    }

    /** The driver has given so many requests, of which each {@link #arrived} is called next. */
    void arriving(int requestCount) {
        arriving += requestCount;
    }

    /** The driver has given a request. */
    void arrived(int tag) {
        decode(tag);
        if (holding) {
            held.add(tag);
        } else {
            begin(tag);
        }
    }

    /** A commit at the end of a chain that broke without its own completion; anything else is our fault. */
    void onBrokenCommit(int tag, int result) {
        if (result != -Errno.ECANCELED) {
            throw new IllegalStateException(
                    "ublk refused a command of queue " + setup.queue() + ", tag " + tag + ": " + Errno.name(result));
        }
        if (chained[tag]) {
            breakChain(tag);
            commit(tag, -Errno.EIO);
        }
    }

    private void decode(int tag) {
        long at = descriptors + (long) tag * IoDescriptor.LENGTH;
        long shape = Memory.longAt(at + IoDescriptor.OP_FLAGS);
        long start = Memory.longAt(at + IoDescriptor.START_SECTOR);
        int opFlags = (int) shape;
        int sectors = (int) (shape >>> 32);
        int operation = operation(opFlags);
        int flags = (opFlags & IoDescriptor.F_FUA) != 0 ? Requests.FUA : 0;
        if ((opFlags & IoDescriptor.F_NOUNMAP) != 0) {
            flags |= Requests.NO_UNMAP;
        }
        if ((opFlags & IoDescriptor.F_NEED_REG_BUF) != 0) {
            flags |= DataMover.NEEDS_REGISTRATION;
        }
        if (operation == BlockOperation.FLUSH) {
            // It has no place: the kernel's flush request says sector -1 (block/blk-flush.c, blk_rq_init).
            requests.set(tag, operation, flags, 0, 0);
        } else {
            requests.set(tag, operation, flags, start * Requests.SECTOR_BYTES, sectors * Requests.SECTOR_BYTES);
        }
    }

    private static int operation(int opFlags) {
        return switch (opFlags & IoDescriptor.OP_MASK) {
            case IoDescriptor.OP_READ -> BlockOperation.READ;
            case IoDescriptor.OP_WRITE -> BlockOperation.WRITE;
            case IoDescriptor.OP_FLUSH -> BlockOperation.FLUSH;
            case IoDescriptor.OP_DISCARD -> BlockOperation.DISCARD;
            case IoDescriptor.OP_WRITE_ZEROES -> BlockOperation.WRITE_ZEROES;
            default -> UNKNOWN;
        };
    }

    private void begin(int tag) {
        int operation = requests.operation(tag);
        if (operation == UNKNOWN) {
            chained[tag] = false;
            stepping++;
            commit(tag, -Errno.EOPNOTSUPP);
            return;
        }
        metrics.onRequest(operation, requests.length(tag));
        boolean data = hasData(operation);
        boolean chain = !sample(tag)
                && setup.chains()
                && isAlone()
                && backend.isSingleEntry(tag)
                && (!data || mover.allowsChain(tag));
        chained[tag] = chain;
        stepping += chain ? 0 : 1;
        if (data) {
            mover.begin(tag, chain);
        } else if (chain) {
            ring.reserve(2);
            backend.submit(tag, CHAIN);
            commit(tag, 0);
        } else {
            backend.submit(tag, 0);
        }
    }

    /** For others the kernel does more for a chain than for its entries one by one. */
    private boolean isAlone() {
        return arriving == 1 && stepping == 0;
    }

    private boolean sample(int tag) {
        if (++sinceSample < SAMPLE_EVERY) {
            return false;
        }
        startNs[tag] = System.nanoTime();
        sinceSample = 0;
        return true;
    }

    static boolean hasData(int operation) {
        return operation == BlockOperation.READ || operation == BlockOperation.WRITE;
    }

    @Override
    public void complete(int tag, int result) {
        breakChain(tag);
        if (hasData(requests.operation(tag))) {
            mover.afterBackend(tag, result);
        } else {
            commit(tag, result);
        }
    }

    /** The last entry of a request: its result goes to the kernel, and the tag fetches again. */
    void commit(int tag, int result) {
        if (startNs[tag] != 0) {
            metrics.onTimed(Math.max(0, requests.operation(tag)), System.nanoTime() - startNs[tag]);
            startNs[tag] = 0;
        }
        if (result < 0) {
            metrics.onError(Math.max(0, requests.operation(tag)));
        }
        boolean chain = chained[tag];
        stepping -= chain ? 0 : 1;
        commands.commit(tag, result, chain);
    }

    /**
     * REGISTER_IO_BUF or UNREGISTER_IO_BUF of the request's pages, at the tag's place in the table of fixed buffers.
     */
    void bufferCommand(int opcode, int operation, int tag, int linkFlags) {
        ring.prepareCommand(
                Sqe.FIXED_FILE | linkFlags,
                setup.deviceSlot(),
                opcode,
                0,
                IoCommand.word(setup.queue(), tag, 0),
                mover.bufferIndex(tag),
                user(operation, tag));
    }

    long user(int operation, int tag) {
        return UserData.step(owner, operation, tag);
    }
}
