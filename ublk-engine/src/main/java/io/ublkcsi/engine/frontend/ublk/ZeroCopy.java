package io.ublkcsi.engine.frontend.ublk;

/**
 * The backend's I/O uses the request's own pages, which stand in the ring's table of fixed buffers at the tag's
 * index: put there by the driver as it hands the request over, or by our own commands where it could not, or where it
 * never does.
 */
final class ZeroCopy extends DataMover {
    /** {@code UBLK_AUTO_BUF_REG_FALLBACK}: hand the request over, flagged, when registering its pages fails. */
    private static final long FALLBACK = 1L << 16;

    private final boolean automatic;
    private final int[] result;

    ZeroCopy(UblkQueue queue, boolean automatic) {
        super(queue);
        this.automatic = automatic;
        this.result = new int[queue.setup().depth()];
        for (int tag = 0; tag < queue.setup().depth(); tag++) {
            requests.setData(tag, 0, bufferIndex(tag));
        }
    }

    @Override
    long autoRegistration(int tag) {
        return automatic ? bufferIndex(tag) | FALLBACK : 0;
    }

    private boolean registersByCommand(int tag) {
        return !automatic || requests.has(tag, NEEDS_REGISTRATION);
    }

    @Override
    void begin(int tag, boolean chain) {
        if (registersByCommand(tag)) {
            beginRegistering(tag, chain);
        } else if (chain) {
            ring.reserve(2);
            backend.submit(tag, UblkQueue.CHAIN);
            queue.commit(tag, requests.length(tag));
        } else {
            backend.submit(tag, 0);
        }
    }

    private void beginRegistering(int tag, boolean chain) {
        if (chain) {
            result[tag] = requests.length(tag);
            ring.reserve(4);
            queue.bufferCommand(UblkOpcode.REGISTER_IO_BUF, UblkQueue.REGISTER, tag, UblkQueue.CHAIN);
            backend.submit(tag, UblkQueue.CHAIN);
            queue.bufferCommand(UblkOpcode.UNREGISTER_IO_BUF, UblkQueue.UNREGISTER, tag, UblkQueue.CHAIN);
            queue.commit(tag, requests.length(tag));
        } else {
            queue.bufferCommand(UblkOpcode.REGISTER_IO_BUF, UblkQueue.REGISTER, tag, 0);
        }
    }

    @Override
    void onCompletion(int tag, int operation, int commandResult) {
        if (operation == UblkQueue.UNREGISTER) {
            queue.commit(tag, result[tag]);
        } else if (commandResult < 0) {
            queue.commit(tag, commandResult);
        } else {
            backend.submit(tag, 0);
        }
    }

    @Override
    void afterBackend(int tag, int bytes) {
        if (registersByCommand(tag)) {
            result[tag] = bytes;
            queue.bufferCommand(UblkOpcode.UNREGISTER_IO_BUF, UblkQueue.UNREGISTER, tag, 0);
        } else {
            queue.commit(tag, bytes);
        }
    }
}
