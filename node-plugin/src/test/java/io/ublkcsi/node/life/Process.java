package io.ublkcsi.node.life;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * The life of a plugin process in a test: once it is killed, no thread of it changes anything any more. Also sees
 * that a crash point follows every side effect. Thread-safe.
 */
final class Process {
    /** Whose thread it is: known from what the thread last asked for. */
    private static final ThreadLocal<Process> OWNER = new ThreadLocal<>();

    private final ThreadLocal<String> uncovered = new ThreadLocal<>();
    private final Consumer<String> onUncovered;
    private volatile boolean dead;

    /** What a thread of a killed process meets. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /** @param onUncovered hears of a side effect that no crash point followed */
    Process(Consumer<String> onUncovered) {
        this.onUncovered = onUncovered;
    }

    boolean isDead() {
        return dead;
    }

    /** As kill -9 would, from the thread that reached the point. */
    void kill() {
        dead = true;
        throw new Killed();
    }

    /** The process of this thread, which may be dead; {@code fallback} for one that has done nothing yet. */
    static Process ofThisThread(Process fallback) {
        Process owner = OWNER.get();
        return owner == null ? fallback : owner;
    }

    void checkAlive() {
        OWNER.set(this);
        if (dead) {
            throw new Killed();
        }
    }

    /** A side effect took place on this thread; a crash point has to come before the next. */
    void effect(String what) {
        checkCovered();
        uncovered.set(what);
    }

    /** A crash point was reached on this thread. */
    void covered() {
        uncovered.remove();
    }

    /** No side effect of this thread may be without its point now. */
    void checkCovered() {
        String before = uncovered.get();
        if (before != null) {
            uncovered.remove();
            onUncovered.accept(before);
        }
    }

    /** {@code real}, for as long as the process lives. */
    <T> T mortal(Class<T> type, T real) {
        Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
            checkAlive();
            try {
                Object result = method.invoke(real, arguments);
                boolean seam = method.getReturnType().isInterface()
                        && method.getReturnType().getPackage().equals(type.getPackage())
                        && result != null
                        && method.getParameterCount() == 0;
                return seam ? mortalOf(method.getReturnType(), result) : result;
            } catch (InvocationTargetException failure) {
                throw failure.getCause();
            }
        });
        return type.cast(proxy);
    }

    private <T> T mortalOf(Class<T> type, Object real) {
        return mortal(type, type.cast(real));
    }
}
