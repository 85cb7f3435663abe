package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.sys.PollFd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the messages of a device's driver, on a thread that does nothing else: one that is not answered within the
 * kernel's {@code msg_timeout} (30 s) breaks the device for ever.
 */
final class VduseMessages implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VduseMessages.class);

    private static final int POLL_MS = 60_000;
    private static final long JOIN_MS = 15_000;
    private static final long STACK_BYTES = 256 * 1024;

    private final int device;
    private final Driver driver;
    private final Consumer<String> broken;
    private final Arena arena = Arena.ofShared();
    /** The device, and what ends the wait for it. */
    private final MemorySegment polled = arena.allocate(2L * PollFd.LENGTH, 8);

    private final int end = Linux.eventfd(Linux.EFD_CLOEXEC);
    private final MemorySegment request = arena.allocate(VduseRequest.LENGTH, 8);
    private final MemorySegment response = arena.allocate(VduseResponse.LENGTH, 8);
    private final Thread thread;
    private volatile boolean closing;

    /** What the messages ask for; each answers within a few seconds. On the message thread. */
    interface Driver {
        /** The driver says how far it is; false refuses. */
        boolean onStatus(int status);

        /** The index of the next entry that a queue will take. */
        int queueState(int queue);

        /** The driver takes memory away. */
        void forget(long first, long last);
    }

    /**
     * @param device the open {@link VduseFile}'s descriptor, which does not block
     * @param broken told once, when the kernel has given the device up
     */
    VduseMessages(String name, int device, Driver driver, Consumer<String> broken) {
        this.device = device;
        this.driver = driver;
        this.broken = broken;
        this.thread = new Thread(null, this::run, "vduse-messages-" + name, STACK_BYTES);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        polled.set(Memory.INT, PollFd.FD, device);
        polled.set(Memory.SHORT, PollFd.EVENTS, PollFd.POLLIN);
        polled.set(Memory.INT, PollFd.LENGTH + PollFd.FD, end);
        polled.set(Memory.SHORT, PollFd.LENGTH + PollFd.EVENTS, PollFd.POLLIN);
        while (!closing) {
            int ready = Linux.poll(polled, POLL_MS);
            short events = polled.get(Memory.SHORT, PollFd.REVENTS);
            if (ready > 0 && (events & PollFd.POLLERR) != 0) {
                broken.accept("a message of the driver was not answered within msg_timeout, and the kernel gave the"
                        + " device up");
                return;
            }
            if (ready > 0 && events != 0) {
                serveOne();
            }
        }
    }

    private void serveOne() {
        long read = Linux.read(device, request);
        if (read != VduseRequest.LENGTH) {
            return;
        }
        answer(driver, request, response);
        long written = Linux.write(device, response);
        if (written < 0) {
            LOG.warn(
                    "answering a message of VDUSE failed with {}: the driver no longer waits for it",
                    Errno.name(written));
        }
    }

    /** Does what a message asks for, and writes the answer; what fails or is unknown is refused. */
    static void answer(Driver driver, MemorySegment request, MemorySegment response) {
        response.fill((byte) 0);
        response.set(Memory.INT, VduseResponse.REQUEST_ID, request.get(Memory.INT, VduseRequest.REQUEST_ID));
        boolean done = false;
        try {
            done = handle(driver, request, response);
        } catch (RuntimeException failure) {
            LOG.error("a message of VDUSE is refused", failure);
        }
        response.set(Memory.INT, VduseResponse.RESULT, done ? VduseResponse.RESULT_OK : VduseResponse.RESULT_FAILED);
    }

    private static boolean handle(Driver driver, MemorySegment request, MemorySegment response) {
        switch (request.get(Memory.INT, VduseRequest.TYPE)) {
            case VduseRequest.SET_STATUS -> {
                return driver.onStatus(request.get(Memory.BYTE, VduseRequest.STATUS) & 0xff);
            }
            case VduseRequest.GET_VQ_STATE -> {
                int queue = request.get(Memory.INT, VduseRequest.VQ_INDEX);
                response.set(Memory.INT, VduseResponse.VQ_INDEX, queue);
                response.set(Memory.SHORT, VduseResponse.VQ_SPLIT, (short) driver.queueState(queue));
                return true;
            }
            case VduseRequest.UPDATE_IOTLB -> {
                driver.forget(
                        request.get(Memory.LONG, VduseRequest.IOVA_START),
                        request.get(Memory.LONG, VduseRequest.IOVA_LAST));
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** Ends the thread, before its descriptor is closed. */
    @Override
    public void close() {
        closing = true;
        try (Arena one = Arena.ofConfined()) {
            MemorySegment increment = one.allocate(Long.BYTES, Long.BYTES);
            increment.set(Memory.LONG, 0, 1L);
            Linux.write(end, increment);
            thread.join(JOIN_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            Linux.close(end);
            arena.close();
        }
    }
}
