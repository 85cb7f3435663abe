package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.control.Conductor;
import io.ublkcsi.engine.control.DeviceView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the devices when the engine is told to end: the next engine's, or, when the node goes down and there
 * will be none, ended once nobody uses them.
 *
 * @param detachAtEnd end them at once, with errors for who uses them
 * @param nodeShutdown when this file is there, the node goes down
 * @param graceNs how long a node that goes down may take to unmount
 */
record Ending(boolean detachAtEnd, Path nodeShutdown, long graceNs) {
    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Whether devices are left to the next engine. */
    boolean handsOver() {
        return !detachAtEnd && !Files.exists(nodeShutdown);
    }

    void run(Conductor conductor) {
        if (detachAtEnd) {
            detachAll(conductor);
        } else if (!handsOver()) {
            LOG.info("{} is there: the node goes down, so devices end when nobody uses them any more", nodeShutdown);
            awaitUnused(conductor);
            detachAll(conductor);
        } else {
            conductor.handOver();
        }
    }

    /** Serves on while anything is in use. */
    private void awaitUnused(Conductor conductor) {
        long deadlineNs = System.nanoTime() + graceNs;
        while (!conductor.devices().isEmpty() && System.nanoTime() - deadlineNs < 0) {
            conductor.devices().forEach(device -> detachUnused(conductor, device));
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static void detachUnused(Conductor conductor, DeviceView device) {
        try {
            conductor.detach(device.volume(), false);
        } catch (EngineException inUse) {
            LOG.debug("{} is in use", device.path(), inUse);
        }
    }

    /** A device whose server is gone would hang its users: end it, and let them see errors. */
    private static void detachAll(Conductor conductor) {
        for (DeviceView device : conductor.devices()) {
            LOG.info(
                    "the engine ends: detaching {} of volume {}, whose users get I/O errors from now on",
                    device.path(),
                    device.volume());
            try {
                conductor.detach(device.volume(), true);
            } catch (RuntimeException failure) {
                LOG.error("detaching {} failed", device.path(), failure);
            }
        }
    }
}
