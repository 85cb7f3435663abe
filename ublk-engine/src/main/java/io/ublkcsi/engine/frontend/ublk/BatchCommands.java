package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.BufferRing;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
import io.ublkcsi.engine.uring.Sqe;
import java.lang.foreign.MemorySegment;

/**
 * A command for many tags ({@code UBLK_F_BATCH_IO}): one that stays tells of all requests that have come, and what
 * was done since the thread woke is committed by one. A request that is alone still goes out as a chain.
 */
final class BatchCommands implements IoCommands {
    private static final int FETCH = UblkQueue.FIRST_FREE_OPERATION;
    private static final int PREPARE = FETCH + 1;
    /** The tag of its user data is how many were committed. */
    private static final int COMMIT_ALL = FETCH + 2;

    private static final int COMMIT_ONE = FETCH + 3;

    private static final int BUFFER_GROUP = 0;
    private static final int BUFFERS = 16;
    /** The driver's MAX_NR_TAG: it tells of no more at once. */
    private static final int TAGS_A_BUFFER = 128;

    private static final int TAG_BYTES = Short.BYTES;
    /** Elements whose commands the kernel has not read yet are never overwritten: a tag is in one of them at most. */
    private static final int ROUNDS = 4;

    private final UblkQueue queue;
    private final UblkQueueSetup setup;
    private final Ring ring;
    private final MemorySegment memory;
    private final BufferRing buffers;
    private final long elements;
    private final long chainElements;
    private int first;
    private int next;
    /** Batches of results that the driver has not answered. */
    private int unanswered;

    private boolean ended;

    BatchCommands(UblkQueue queue) {
        this.queue = queue;
        this.setup = queue.setup();
        this.ring = queue.ring();
        long elementBytes = (long) setup.depth() * BatchElement.LENGTH;
        long bufferBytes = BufferRing.bytes(BUFFERS, TAGS_A_BUFFER * TAG_BYTES);
        this.memory =
                Memory.allocatePages(Memory.roundUp(bufferBytes + (ROUNDS + 1) * elementBytes, Memory.PAGE_BYTES));
        this.buffers = openBuffers();
        this.elements = memory.address() + bufferBytes;
        this.chainElements = elements + ROUNDS * elementBytes;
    }

    private BufferRing openBuffers() {
        try {
            return new BufferRing(ring, BUFFER_GROUP, memory, BUFFERS, TAGS_A_BUFFER * TAG_BYTES);
        } catch (RingException refused) {
            close();
            throw refused;
        }
    }

    @Override
    public void start() {
        for (int tag = 0; tag < setup.depth(); tag++) {
            append(tag, 0);
        }
        sendAppended(UblkOpcode.PREP_IO_CMDS, PREPARE);
        fetch();
    }

    private void fetch() {
        long word = BatchCommand.word(setup.queue(), 0, 0, TAG_BYTES);
        ring.prepareMultishotCommand(
                setup.deviceSlot(), UblkOpcode.FETCH_IO_CMDS, BUFFER_GROUP, word, queue.user(FETCH, 0));
    }

    @Override
    public void commit(int tag, int result, boolean chained) {
        if (chained) {
            long at = chainElements + (long) tag * BatchElement.LENGTH;
            Memory.putLong(at, BatchElement.word(tag, tag, result));
            command(Sqe.CQE_SKIP_SUCCESS, UblkOpcode.COMMIT_IO_CMDS, at, 1, queue.user(COMMIT_ONE, tag));
        } else {
            append(tag, result);
        }
    }

    private void append(int tag, int result) {
        if (next == first && first > (ROUNDS - 1) * setup.depth()) {
            first = 0;
            next = 0;
        }
        long at = elements + (long) next * BatchElement.LENGTH;
        Memory.putLong(at, BatchElement.word(tag, tag, result));
        next++;
    }

    @Override
    public void endBatch() {
        if (next != first) {
            unanswered++;
            sendAppended(UblkOpcode.COMMIT_IO_CMDS, COMMIT_ALL);
        }
    }

    private void sendAppended(int opcode, int operation) {
        int count = next - first;
        command(0, opcode, elements + (long) first * BatchElement.LENGTH, count, queue.user(operation, count));
        first = next;
    }

    private void command(int flags, int opcode, long address, int count, long user) {
        long word = BatchCommand.word(setup.queue(), BatchCommand.AUTO_BUF_REG_FALLBACK, count, BatchElement.LENGTH);
        ring.prepareCommand(Sqe.FIXED_FILE | flags, setup.deviceSlot(), opcode, address, word, 0, user);
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        if (operation == FETCH) {
            onFetched(result);
        } else if (operation == COMMIT_ONE) {
            queue.onBrokenCommit(tag, result);
        } else {
            unanswered -= operation == COMMIT_ALL ? 1 : 0;
            checkBatch(tag, operation, result);
        }
    }

    private void checkBatch(int tag, int operation, int result) {
        if (operation == COMMIT_ALL ? result != tag * BatchElement.LENGTH : result < 0) {
            throw new IllegalStateException("ublk refused a batch of " + tag + " tags of queue " + setup.queue() + ": "
                    + (result < 0 ? Errno.name(result) : "it took " + result + " bytes"));
        }
    }

    private void onFetched(int result) {
        boolean goesOn = ring.hasMore();
        if (result > 0) {
            int buffer = ring.buffer();
            int count = result / TAG_BYTES;
            queue.arriving(count);
            long tags = buffers.offset(buffer);
            for (int i = 0; i < count; i++) {
                queue.arrived(memory.get(Memory.SHORT, tags + (long) i * TAG_BYTES) & 0xffff);
            }
            buffers.giveBack(buffer);
        }
        if (!goesOn) {
            onFetchEnded(result);
        }
    }

    /** It lacked a buffer, or the device goes; nothing else is known to end it. */
    private void onFetchEnded(int result) {
        if (result == -Errno.ENOBUFS) {
            fetch();
        } else if (result == -Errno.ENODEV) {
            ended = true;
        } else {
            throw new IllegalStateException(
                    "ublk tells queue " + setup.queue() + " of no more requests: " + Errno.name(result));
        }
    }

    @Override
    public boolean isEnded() {
        return ended && queue.stepping() == 0 && unanswered == 0;
    }

    @Override
    public void close() {
        Memory.freePages(memory);
    }
}
