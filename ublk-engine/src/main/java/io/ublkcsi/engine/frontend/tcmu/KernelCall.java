package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A call into the kernel that may not come back: it runs on a thread of its own, which is left behind when its time is
 * over. The kernel lets nobody end such a thread; it goes when what it waits for comes.
 */
final class KernelCall {
    /** Threads that were left behind and have not come back. */
    private static final AtomicInteger STUCK = new AtomicInteger();

    private final String what;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** Something that touches files of the kernel. */
    @FunctionalInterface
    interface Action {
        void run() throws IOException;
    }

    private KernelCall(String what) {
        this.what = what;
    }

    /** Begins the call. */
    static KernelCall start(String what, Action action) {
        KernelCall call = new KernelCall(what);
        Thread.ofPlatform().daemon().name("tcmu-kernel-call").start(() -> call.perform(action));
        return call;
    }

    private void perform(Action action) {
        try {
            action.run();
            done.complete(null);
        } catch (IOException | RuntimeException failure) {
            done.completeExceptionally(failure);
        }
    }

    /** Waits for its end; false when it has not come back by then. It can be waited for again. */
    boolean await(long timeoutNs) {
        try {
            done.get(timeoutNs, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException failure) {
            throw new EngineException(
                    Kind.INTERNAL, what + " failed: " + ConfigFs.reason(failure.getCause()), failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new EngineException(Kind.ABORTED, what + " was interrupted", interrupted);
        }
    }

    /** Does something within a time. */
    static void within(long timeoutNs, String what, Action action) {
        KernelCall call = start(what, action);
        if (!call.await(timeoutNs)) {
            throw call.leftBehind();
        }
    }

    /** Gives up waiting: counts the thread until it is back, and says what has happened. */
    EngineException leftBehind() {
        return leftBehind("'ublk-csi release' frees a device that nobody serves");
    }

    /**
     * @param cure why it waits, and what to do about it
     */
    EngineException leftBehind(String cure) {
        STUCK.incrementAndGet();
        done.whenComplete((nothing, failure) -> STUCK.decrementAndGet());
        return new EngineException(
                Kind.DEADLINE_EXCEEDED,
                what + " waits in the kernel and cannot be ended (" + STUCK.get() + " such threads now): " + cure);
    }
}
