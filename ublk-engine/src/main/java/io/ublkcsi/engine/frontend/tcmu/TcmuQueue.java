package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.block.TagFifo;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UserData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The one queue of a TCMU device: takes SCSI commands from the ring that the kernel's target shares with us, has the
 * backend do their I/O on the data where it lies in shared memory, and completes them, all of a batch with one wake-up.
 * Owned by the queue's thread.
 *
 * <p>A command has a tag from when it is taken to when it is completed. What needs more than one request of the backend
 * goes step by step under that tag. While no tag is free, commands wait in the ring.
 */
final class TcmuQueue implements FrontendQueue, CompletionSink {
    /** The kernel has put something into the ring, or taken the device away. */
    static final int EVENT = 0;

    private static final byte RUNNING = 1;
    private static final byte ENDED = 2;
    private static final int EVENTS_ENDED = Sqe.POLLERR | Sqe.POLLHUP;
    /** One request in so many is timed. */
    private static final int SAMPLE_EVERY = 32;

    private final TcmuQueueSetup setup;
    private final Ring ring;
    private final CommandRing commands;
    private final ScsiCommand command;
    private final Requests requests;
    private final Segments segments;
    private final Steps steps;
    private final BackendQueue backend;
    private final QueueMetrics metrics;
    private final TagFifo free;
    private final TagFifo held;
    private final int[] commandId;
    private final long[] startNs;
    /** Whether the backend's {@code submit} is running for a tag, and what came of it before it returned. */
    private final byte[] submission;

    private final int[] endedWith;
    private final MemorySegment sense = Arena.ofAuto().allocate(RingEntry.SENSE_BUFFERSIZE, Long.BYTES);

    private boolean holding;
    private boolean gone;
    private int sinceSample;

    TcmuQueue(TcmuQueueSetup setup, BackendQueueFactory backends) {
        int depth = setup.depth();
        this.setup = setup;
        this.ring = setup.ring();
        this.commands = new CommandRing(setup.shared().map(), depth);
        this.command = new ScsiCommand(setup.unit());
        this.requests = new Requests(depth);
        this.segments = new Segments(setup.shared().map(), depth, setup.maxSegments());
        this.steps = new Steps(setup.unit(), requests, segments);
        this.metrics = setup.metrics();
        this.free = new TagFifo(depth);
        this.held = new TagFifo(depth);
        this.commandId = new int[depth];
        this.startNs = new long[depth];
        this.submission = new byte[depth];
        this.endedWith = new int[depth];
        for (int tag = 0; tag < depth; tag++) {
            free.add(tag);
        }
        this.backend = backends.open(requests, this);
    }

    /** Opens the backend's side once the queue is there to take its completions. */
    @FunctionalInterface
    interface BackendQueueFactory {
        BackendQueue open(Requests requests, CompletionSink sink);
    }

    @Override
    public void start() {
        watch();
        endBatch();
    }

    /** One submission brings a completion for every wake-up; it is never read, so that it costs nothing more. */
    private void watch() {
        long user = UserData.encode(setup.slot(), UserData.FRONTEND, EVENT, 0);
        ring.prepare(Sqe.POLL_ADD, Sqe.FIXED_FILE, setup.deviceSlot(), 0, 0, Sqe.POLL_ADD_MULTI, Sqe.POLLIN, 0, user);
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (result < 0 || (result & EVENTS_ENDED) != 0) {
            gone = true;
        } else if (!ring.hasMore()) {
            watch();
        }
    }

    @Override
    public void endBatch() {
        while (!holding && !gone && !free.isEmpty() && commands.take()) {
            begin(free.remove());
        }
        if (commands.publish()) {
            setup.shared().wakeUp();
        }
    }

    @Override
    public boolean isDrained() {
        return gone && free.size() == setup.depth();
    }

    @Override
    public void hold() {
        holding = true;
    }

    @Override
    public void resume() {
        holding = false;
        for (int i = held.size(); i > 0; i--) {
            proceed(held.remove());
        }
    }

    @Override
    public void close() {
        backend.close();
        steps.close();
        setup.shared().close();
    }

    private void begin(int tag) {
        commandId[tag] = commands.commandId();
        command.decode(commands.cdb());
        boolean fits = segments.take(tag, commands);
        if (commands.isBidirectional()) {
            refuse(tag, Sense.INVALID_OPERATION_CODE, -1);
        } else if (!fits) {
            refuse(tag, Sense.INVALID_FIELD_IN_CDB, -1);
        } else {
            execute(tag);
        }
    }

    private void execute(int tag) {
        switch (command.kind()) {
            case ScsiCommand.REFUSED -> refuse(tag, command.sense(), command.senseLba());
            case ScsiCommand.ANSWERED ->
                end(tag, StatusMapping.GOOD, segments.put(tag, command.answer(), command.answerBytes()), 0);
            default -> {
                int refused = steps.begin(tag, command);
                if (refused == Sense.NONE) {
                    count(tag);
                    proceed(tag);
                } else {
                    refuse(tag, refused, steps.refusedLba());
                }
            }
        }
    }

    private void count(int tag) {
        metrics.onRequest(steps.operation(tag), steps.countedBytes(tag));
        boolean sampled = ++sinceSample >= SAMPLE_EVERY;
        startNs[tag] = sampled ? System.nanoTime() : 0;
        sinceSample = sampled ? 0 : sinceSample;
    }

    /** Hands the backend one step after the other, until one does not end at once or all are done. */
    private void proceed(int tag) {
        while (true) {
            if (holding) {
                held.add(tag);
                return;
            }
            if (!steps.prepare(tag)) {
                if (steps.isWaiting(tag)) {
                    return;
                }
                succeed(tag);
                return;
            }
            submission[tag] = RUNNING;
            backend.submit(tag, 0);
            boolean ended = submission[tag] == ENDED;
            submission[tag] = 0;
            if (!ended || !advance(tag, endedWith[tag])) {
                return;
            }
        }
    }

    @Override
    public void complete(int tag, int result) {
        if (submission[tag] == RUNNING) {
            submission[tag] = ENDED;
            endedWith[tag] = result;
        } else if (advance(tag, result)) {
            proceed(tag);
        }
    }

    /** Takes note of a step's end; false when that ended the command. */
    private boolean advance(int tag, int result) {
        int done = steps.finish(tag, result);
        if (done >= 0) {
            return true;
        }
        fail(tag, -done);
        return false;
    }

    private void fail(int tag, int errno) {
        int operation = steps.operation(tag);
        metrics.onError(operation);
        int why = StatusMapping.sense(errno, operation == BlockOperation.READ);
        release(tag);
        if (why == Sense.NONE) {
            end(tag, StatusMapping.BUSY, 0, 0);
        } else {
            long lba = requests.offset(tag) / setup.unit().blockBytes();
            refuse(tag, why, StatusMapping.isAboutBlock(why) ? lba : -1);
        }
    }

    private void succeed(int tag) {
        release(tag);
        boolean read = steps.operation(tag) == BlockOperation.READ;
        end(tag, StatusMapping.GOOD, read ? steps.countedBytes(tag) : 0, 0);
    }

    /** What waited for memory that this command used goes on. */
    private void release(int tag) {
        if (startNs[tag] != 0) {
            metrics.onTimed(steps.operation(tag), System.nanoTime() - startNs[tag]);
            startNs[tag] = 0;
        }
        int next = steps.release(tag);
        if (next != Steps.NOBODY) {
            proceed(next);
        }
    }

    private void refuse(int tag, int why, long lba) {
        int bytes = Sense.write(sense, why, lba, setup.unit().describesSense());
        end(tag, StatusMapping.CHECK_CONDITION, 0, bytes);
    }

    private void end(int tag, int status, int readBytes, int senseBytes) {
        commands.complete(commandId[tag], status, readBytes, sense, senseBytes);
        free.add(tag);
    }
}
