package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.frontend.DeviceChange;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.sys.PollFd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to what the kernel's target says of its devices, on a thread of its own: to find the family, the kernel may
 * make who asks wait for whatever else is done by netlink. Only listens: the kernel is never asked to wait for answers.
 */
final class TargetEvents implements AutoCloseable, Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TargetEvents.class);

    private static final String FAMILY = "TCM-USER";
    private static final String GROUP = "config";
    private static final int SOCK_RAW = 3;
    private static final int ADDRESS_BYTES = 12; // struct sockaddr_nl
    private static final int BUFFER_BYTES = 1 << 15;
    private static final int ANSWER_MS = 2_000;
    private static final int LOOK_UP_MS = 500;
    /** Until the kernel is asked again whether it has the target's driver by now. */
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(10);

    private final Consumer<DeviceChange> listener;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
    private final MemorySegment poll = arena.allocate(PollFd.LENGTH, 4);
    private final Thread thread;
    private volatile boolean closed;

    private TargetEvents(Consumer<DeviceChange> listener) {
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name("tcmu-events").unstarted(this);
    }

    static TargetEvents listen(Consumer<DeviceChange> listener) {
        TargetEvents events = new TargetEvents(listener);
        events.thread.start();
        return events;
    }

    @Override
    public void run() {
        while (!closed) {
            // Asked for a family that it does not have, the kernel looks for a module, with a process.
            if (!TcmuFrontend.isDriverThere()) {
                pause();
                continue;
            }
            int socket = Linux.socket(NetlinkHeader.AF_NETLINK, SOCK_RAW, NetlinkHeader.NETLINK_GENERIC);
            if (socket < 0) {
                LOG.info("changes that are made to TCMU devices by hand go unnoticed: {}", Errno.name(socket));
                return;
            }
            try {
                TargetMessage.Family family = join(socket);
                if (family != null) {
                    follow(socket, family.id());
                }
            } finally {
                Linux.close(socket);
            }
            pause();
        }
    }

    private void pause() {
        long endNs = System.nanoTime() + PAUSE_NS;
        while (!closed && System.nanoTime() < endNs) {
            LockSupport.parkNanos(endNs - System.nanoTime());
        }
    }

    /** Becomes a listener; null when there is nothing to listen to. */
    private TargetMessage.@Nullable Family join(int socket) {
        MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
        address.set(Memory.SHORT, 0, (short) NetlinkHeader.AF_NETLINK);
        if (Linux.bind(socket, address) < 0) {
            return null;
        }
        int length = TargetMessage.writeFamilyRequest(buffer, FAMILY);
        if (Linux.write(socket, buffer.asSlice(0, length)) != length || !isReadable(socket, ANSWER_MS)) {
            return null;
        }
        long bytes = Linux.read(socket, buffer);
        TargetMessage.Family family = bytes < 0 ? null : TargetMessage.readFamily(buffer.asSlice(0, bytes), GROUP);
        if (family == null) {
            return null;
        }
        MemorySegment group = arena.allocate(Integer.BYTES, 4);
        group.set(Memory.INT, 0, family.group());
        int failed =
                Linux.setSocketOption(socket, NetlinkHeader.SOL_NETLINK, NetlinkHeader.NETLINK_ADD_MEMBERSHIP, group);
        return failed < 0 ? null : family;
    }

    private boolean isReadable(int socket, int timeoutMs) {
        poll.set(Memory.INT, PollFd.FD, socket);
        poll.set(Memory.SHORT, PollFd.EVENTS, PollFd.POLLIN);
        return Linux.poll(poll, timeoutMs) > 0;
    }

    private void follow(int socket, int family) {
        while (!closed) {
            if (!isReadable(socket, LOOK_UP_MS)) {
                continue;
            }
            long bytes = Linux.read(socket, buffer);
            if (bytes == -Errno.ENOBUFS) {
                LOG.warn("so many TCMU devices changed at once that some of it went unnoticed");
            } else if (bytes < 0) {
                return;
            } else {
                tell(buffer.asSlice(0, bytes), family);
            }
        }
    }

    private void tell(MemorySegment message, int family) {
        DeviceChange change = TargetMessage.readChange(message, family);
        if (change != null) {
            try {
                listener.accept(change);
            } catch (RuntimeException failure) {
                LOG.error("{} {}, and nobody could be told", change.device(), change.what(), failure);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
