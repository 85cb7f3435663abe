package io.ublkcsi.e2e;

import java.io.IOException;
import java.nio.file.Path;

/** Writes something, makes it durable, and knows what of it was acknowledged. One thread writes, another asks. */
interface AcknowledgedWriter extends AutoCloseable {
    /** Writes a little more and waits until that is durable. */
    void step() throws IOException;

    /** What was acknowledged as durable until now, for a later look at what is left of it. */
    Check acknowledged();

    @Override
    void close() throws IOException;

    /** Fails when something is missing. */
    @FunctionalInterface
    interface Check {
        /**
         * @param root where what the writer wrote to is mounted after the power cut
         */
        void run(Path root) throws IOException;
    }
}
