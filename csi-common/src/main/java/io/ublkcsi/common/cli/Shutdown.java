package io.ublkcsi.common.cli;

import io.ublkcsi.common.rpc.UnixServer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ends a plugin's server on SIGTERM, and gives what runs beside it time to end well: a Lease is given back. */
public final class Shutdown implements AutoCloseable {
    private static final int GRACE_SECONDS = 8;

    private final CountDownLatch ended = new CountDownLatch(1);

    /** From now on. */
    public void end(UnixServer server) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> run(server), "shutdown"));
    }

    private void run(UnixServer server) {
        server.close();
        try {
            var _ = ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** All has ended. */
    @Override
    public void close() {
        ended.countDown();
    }
}
