package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.BufferPool;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.block.TagFifo;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Sqe;

/**
 * We copy, by reading and writing {@code /dev/ublkcN} at the request's own offset. A page a tag is always there for
 * small requests; larger ones borrow from a bounded pool and wait for their turn when it is empty.
 */
final class UserCopy extends DataMover {
    /** {@code UBLKSRV_IO_BUF_OFFSET} (include/uapi/linux/ublk_cmd.h). */
    static final long IO_BUF_OFFSET = 0x80000000L;

    static final int TAG_SHIFT = 25;
    static final int QUEUE_SHIFT = 41;

    private final BufferPool pool;
    private final int fixedBuffer;
    private final int[] page;
    private final int[] done;
    private final TagFifo waiting;
    private final long ownPages;

    /**
     * @param pool whose first pages, one a tag, are kept for small requests
     * @param fixedBuffer of the ring's table that covers the pool, or {@link Requests#NO_BUFFER}
     */
    UserCopy(UblkQueue queue, BufferPool pool, int fixedBuffer) {
        super(queue);
        int depth = queue.setup().depth();
        this.pool = pool;
        this.fixedBuffer = fixedBuffer;
        this.page = new int[depth];
        this.done = new int[depth];
        this.waiting = new TagFifo(depth);
        this.ownPages = pool.memory().address();
        for (int tag = 0; tag < depth; tag++) {
            if (pool.allocate(1) != tag) {
                throw new IllegalStateException("the buffer pool is smaller than a page a tag");
            }
            page[tag] = BufferPool.NONE;
        }
    }

    private boolean isSmall(int tag) {
        return requests.length(tag) <= Memory.PAGE_BYTES;
    }

    @Override
    boolean allowsChain(int tag) {
        return isSmall(tag);
    }

    @Override
    void begin(int tag, boolean chain) {
        if (isSmall(tag)) {
            requests.setData(tag, ownPages + (long) tag * Memory.PAGE_BYTES, fixedBuffer);
            if (chain) {
                sendChain(tag);
            } else {
                step(tag);
            }
        } else {
            waiting.add(tag);
            serveWaiting();
            if (page[tag] == BufferPool.NONE) {
                queue.metrics().onBufferWait();
            }
        }
    }

    private void serveWaiting() {
        while (!waiting.isEmpty()) {
            int tag = waiting.peek();
            int run = pool.allocate(requests.length(tag));
            if (run == BufferPool.NONE) {
                return;
            }
            waiting.remove();
            page[tag] = run;
            requests.setData(tag, pool.address(run), fixedBuffer);
            step(tag);
        }
    }

    private void sendChain(int tag) {
        ring.reserve(3);
        if (requests.operation(tag) == BlockOperation.WRITE) {
            done[tag] = 0;
            copy(Sqe.READ, tag, UblkQueue.CHAIN);
            backend.submit(tag, UblkQueue.CHAIN);
        } else {
            done[tag] = 0;
            backend.submit(tag, UblkQueue.CHAIN);
            copy(Sqe.WRITE, tag, UblkQueue.CHAIN);
        }
        queue.commit(tag, requests.length(tag));
    }

    private void step(int tag) {
        done[tag] = 0;
        if (requests.operation(tag) == BlockOperation.WRITE) {
            copy(Sqe.READ, tag, 0);
        } else {
            backend.submit(tag, 0);
        }
    }

    /** Copies what is not done yet of the request between its pages and our buffer. */
    private void copy(int opcode, int tag, int linkFlags) {
        long offset = IO_BUF_OFFSET + ((long) queue.setup().queue() << QUEUE_SHIFT) + ((long) tag << TAG_SHIFT);
        ring.prepare(
                opcode,
                Sqe.FIXED_FILE | linkFlags,
                queue.setup().deviceSlot(),
                offset + done[tag],
                requests.address(tag) + done[tag],
                requests.length(tag) - done[tag],
                0,
                0,
                queue.user(UblkQueue.COPY, tag));
    }

    @Override
    void onCompletion(int tag, int operation, int result) {
        if (result <= 0) {
            end(tag, result == 0 ? -Errno.EIO : result);
            return;
        }
        done[tag] += result;
        boolean write = requests.operation(tag) == BlockOperation.WRITE;
        if (done[tag] < requests.length(tag)) {
            copy(write ? Sqe.READ : Sqe.WRITE, tag, 0);
        } else if (write) {
            backend.submit(tag, 0);
        } else {
            end(tag, requests.length(tag));
        }
    }

    @Override
    void afterBackend(int tag, int result) {
        if (result < requests.length(tag) || requests.operation(tag) == BlockOperation.WRITE) {
            end(tag, result < 0 || result == requests.length(tag) ? result : -Errno.EIO);
        } else {
            done[tag] = 0;
            copy(Sqe.WRITE, tag, 0);
        }
    }

    private void end(int tag, int result) {
        if (page[tag] != BufferPool.NONE) {
            pool.free(page[tag], requests.length(tag));
            page[tag] = BufferPool.NONE;
        }
        queue.commit(tag, result);
        serveWaiting();
    }

    @Override
    void close() {
        pool.close();
    }
}
