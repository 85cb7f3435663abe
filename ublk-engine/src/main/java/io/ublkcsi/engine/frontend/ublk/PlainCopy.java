package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BufferPool;
import io.ublkcsi.engine.block.Requests;

/** The driver copies: every tag has a buffer of the largest request's size, whose address goes with its commands. */
final class PlainCopy extends DataMover {
    private final BufferPool pool;

    /**
     * @param pool at least depth times the largest request
     * @param fixedBuffer of the ring's table that covers the pool, or {@link Requests#NO_BUFFER}
     */
    PlainCopy(UblkQueue queue, BufferPool pool, int fixedBuffer) {
        super(queue);
        this.pool = pool;
        for (int tag = 0; tag < queue.setup().depth(); tag++) {
            long address = pool.memory().address() + (long) tag * queue.setup().maxIoBytes();
            requests.setData(tag, address, fixedBuffer);
        }
    }

    @Override
    long commandAddress(int tag) {
        return requests.address(tag);
    }

    @Override
    void begin(int tag, boolean chain) {
        if (chain) {
            ring.reserve(2);
            backend.submit(tag, UblkQueue.CHAIN);
            queue.commit(tag, requests.length(tag));
        } else {
            backend.submit(tag, 0);
        }
    }

    @Override
    void afterBackend(int tag, int result) {
        queue.commit(tag, result);
    }

    @Override
    void close() {
        pool.close();
    }
}
