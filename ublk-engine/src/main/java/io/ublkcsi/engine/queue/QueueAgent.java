package io.ublkcsi.engine.queue;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.FrontendQueue;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.uring.CompletionHandler;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.UringParams;
import io.ublkcsi.engine.uring.UringSyscalls;
import io.ublkcsi.engine.uring.UserData;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A platform thread with a ring of its own that serves one queue. The duty cycle is one system call: hand over and
 * wait, drain. Ends when the kernel has taken every tag back, or when it is told to {@link #abandon}.
 */
public final class QueueAgent implements Runnable, CompletionHandler {
    private static final int RING_FLAGS =
            UringParams.SETUP_SINGLE_ISSUER | UringParams.SETUP_DEFER_TASKRUN | UringParams.SETUP_SUBMIT_ALL;
    private static final int MAX_RING_ENTRIES = 4096;
    private static final int ENTRIES_PER_TAG = 4;
    private static final int NO_FILE = -1;
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final long THREAD_POLL_NS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final QueuePlan plan;
    private final UringSyscalls syscalls;
    private final QueueMetrics metrics;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Wakeup wakeup;

    // Set by open(), before anything else runs on the thread.
    @SuppressWarnings("NullAway.Init")
    private Ring ring;

    @SuppressWarnings("NullAway.Init")
    private FrontendQueue frontend;

    @SuppressWarnings("NullAway.Init")
    private BackendQueue backend;

    private boolean abandoned;

    public QueueAgent(UringSyscalls syscalls, QueuePlan plan) {
        this.syscalls = syscalls;
        this.plan = plan;
        this.metrics = plan.metrics();
        this.wakeup = new Wakeup();
    }

    /** Completes when every tag was fetched; exceptionally when the queue could not be opened. */
    public CompletableFuture<Void> started() {
        return started;
    }

    /** Completes when the thread has let go of everything; exceptionally when an invariant broke. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    public QueueMetrics metrics() {
        return metrics;
    }

    /** Stops new requests from reaching the backend; completes when that is so. Any thread. */
    public CompletableFuture<Void> hold() {
        return wakeup.post(() -> frontend.hold());
    }

    public CompletableFuture<Void> resume() {
        return wakeup.post(() -> frontend.resume());
    }

    /** Runs control work on the queue's thread, which alone may touch the queue. Any thread. */
    public CompletableFuture<Void> execute(Runnable work) {
        return wakeup.post(work);
    }

    /** Ends the thread although the kernel has not taken its tags back; what is in flight is the kernel's to end. */
    public void abandon() {
        wakeup.post(() -> abandoned = true);
    }

    @Override
    public void run() {
        try {
            open();
            serve();
            // The kernel ends a ring some time after it was closed; whoever waits for this queue may want the image at
            // once.
            ring.installFile(QueuePlan.FILE_SLOT, NO_FILE);
            if (frontend.isDrained()) {
                close();
                ended.complete(null);
            } else {
                closeAfterThisThread();
            }
        } catch (Throwable failure) {
            closeAfter(failure);
            started.completeExceptionally(failure);
            ended.completeExceptionally(failure);
        }
    }

    private void open() {
        bindToCpus();
        int entries = Math.min(MAX_RING_ENTRIES, plan.depth() * ENTRIES_PER_TAG);
        ring = new Ring(syscalls, Math.max(entries, 8), RING_FLAGS);
        ring.registerFileTable(QueuePlan.FILE_SLOTS);
        ring.registerBufferTable(plan.depth() + 1);
        wakeup.arm(ring);
        frontend = plan.opener().open(ring, queue -> backend = queue);
        frontend.start();
        ring.submit();
        started.complete(null);
    }

    private void bindToCpus() {
        MemorySegment mask = plan.affinity();
        if (mask != null) {
            Linux.setAffinity(mask);
        }
    }

    private void serve() {
        while (!frontend.isDrained() && !abandoned) {
            ring.submitAndWait(1);
            ring.drain(this);
            frontend.endBatch();
            metrics.enters(ring.enters());
        }
    }

    @Override
    public void onCompletion(long userData, int result) {
        int tag = UserData.tag(userData);
        int operation = UserData.operation(userData);
        switch (UserData.owner(userData)) {
            case UserData.FRONTEND -> frontend.onCompletion(tag, operation, result);
            case UserData.BACKEND -> backend.onCompletion(tag, operation, result);
            default -> wakeup.onCompletion(ring);
        }
    }

    /**
     * Leaves the closing to another thread, a moment after this one's end, as if the engine had been killed: by then
     * all that may come waits in the ring. A ring that is closed while requests come in is taken back by a kernel
     * thread that may turn round for ever: it cancels no command of a request that is just on its way (ublk_drv.c,
     * ublk_cancel_cmd), and hands that on only when no command is left (io_uring.c, io_ring_exit_work). Seen on 6.12;
     * the device is lost then.
     */
    private void closeAfterThisThread() {
        Path task = THREADS.resolve(String.valueOf(Linux.gettid()));
        Thread.ofPlatform()
                .daemon()
                .name("end-of-" + Thread.currentThread().getName())
                .start(() -> {
                    while (Files.exists(task)) {
                        LockSupport.parkNanos(THREAD_POLL_NS);
                    }
                    LockSupport.parkNanos(SETTLE_NS);
                    try {
                        close();
                        ended.complete(null);
                    } catch (Throwable failure) {
                        ended.completeExceptionally(failure);
                    }
                });
    }

    /** The ring goes first: nothing in the kernel may use our buffers when they are given back. */
    private void close() {
        ring.close();
        frontend.close();
        wakeup.close();
    }

    private void closeAfter(Throwable failure) {
        try {
            if (ring != null) {
                ring.close();
            }
            wakeup.close();
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }
}
