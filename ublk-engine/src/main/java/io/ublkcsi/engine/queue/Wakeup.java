package io.ublkcsi.engine.queue;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UserData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Brings commands of other threads to a queue's thread, which waits in its ring: an eventfd that the ring reads. For
 * control work only; the I/O path never comes here.
 */
final class Wakeup implements AutoCloseable {
    private static final int EVENT_BYTES = 8;

    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
    private final MemorySegment event = Arena.ofAuto().allocate(EVENT_BYTES, EVENT_BYTES);
    private final int eventFd;
    private boolean closed;

    private record Command(Runnable action, CompletableFuture<Void> done) {}

    Wakeup() {
        eventFd = Linux.eventfd(Linux.EFD_CLOEXEC);
        if (eventFd < 0) {
            throw new RingException("eventfd", eventFd);
        }
    }

    /** Runs {@code action} on the queue's thread. Any thread. */
    CompletableFuture<Void> post(Runnable action) {
        Command command = new Command(action, new CompletableFuture<>());
        synchronized (this) {
            if (closed) {
                command.done.completeExceptionally(new IllegalStateException("the queue has ended"));
                return command.done;
            }
            commands.add(command);
            signal();
        }
        return command.done;
    }

    private void signal() {
        try (Arena one = Arena.ofConfined()) {
            MemorySegment increment = one.allocate(EVENT_BYTES, EVENT_BYTES);
            increment.set(Memory.LONG, 0, 1L);
            long written = Linux.write(eventFd, increment);
            if (written < 0 && written != -Errno.EAGAIN) {
                throw new RingException("waking a queue", (int) written);
            }
        }
    }

    /** Has the ring read the eventfd; on the queue's thread. */
    void arm(Ring ring) {
        ring.installFile(QueuePlan.WAKEUP_SLOT, eventFd);
        read(ring);
    }

    private void read(Ring ring) {
        long user = UserData.encode(0, UserData.AGENT, 0, 0);
        int slot = QueuePlan.WAKEUP_SLOT;
        ring.prepare(Sqe.READ, Sqe.FIXED_FILE, slot, 0, event.address(), EVENT_BYTES, 0, 0, user);
    }

    void onCompletion(Ring ring) {
        read(ring);
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            run(command);
        }
    }

    private static void run(Command command) {
        try {
            command.action.run();
            command.done.complete(null);
        } catch (RuntimeException failure) {
            command.done.completeExceptionally(failure);
        }
    }

    /** After the ring was closed. */
    @Override
    public synchronized void close() {
        closed = true;
        Linux.close(eventFd);
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            command.done.completeExceptionally(new IllegalStateException("the queue has ended"));
        }
    }
}
