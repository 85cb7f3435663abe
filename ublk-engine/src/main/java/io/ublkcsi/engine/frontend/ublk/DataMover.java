package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.uring.Ring;

/** One of the ways in which a request's bytes reach the backend; see {@link DataPath}. Owned by its queue's thread. */
abstract class DataMover {
    /** Flag of a request whose pages the driver could not register by itself. */
    static final int NEEDS_REGISTRATION = 1 << 8;

    final UblkQueue queue;
    final Ring ring;
    final Requests requests;
    final BackendQueue backend;

    DataMover(UblkQueue queue) {
        this.queue = queue;
        this.ring = queue.ring();
        this.requests = queue.requests();
        this.backend = queue.backend();
    }

    /** {@code addr} of the tag's fetch and commit commands. */
    long commandAddress(int tag) {
        return 0;
    }

    /** {@code struct ublk_auto_buf_reg} in {@code sqe->addr} of the tag's fetch and commit commands. */
    long autoRegistration(int tag) {
        return 0;
    }

    /** Where a request's pages are registered in the ring's table of fixed buffers. */
    int bufferIndex(int tag) {
        return tag;
    }

    /** Whether each of this mover's steps of the read or write is one ring entry. */
    boolean allowsChain(int tag) {
        return true;
    }

    /**
     * A read or write has arrived: sees to its data and hands it to the backend.
     *
     * @param chain the whole request may go out as one chain of entries
     */
    abstract void begin(int tag, boolean chain);

    /** The backend has ended the read or write; {@code result} is its bytes, or {@code -errno}. */
    abstract void afterBackend(int tag, int result);

    /** A step of this mover's own has ended. */
    void onCompletion(int tag, int operation, int result) {
        throw new IllegalStateException(
                "completion of step " + operation + " of tag " + tag + ", which was never begun");
    }

    /** Gives memory back, after the queue's last request. */
    void close() {}
}
