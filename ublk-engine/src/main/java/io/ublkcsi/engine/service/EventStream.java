package io.ublkcsi.engine.service;

import io.grpc.stub.ServerCallStreamObserver;
import io.ublkcsi.engine.control.EngineEvent;
import io.ublkcsi.proto.engine.v1.Event;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One watcher's events. What the watcher is too slow for waits, up to a limit; beyond it events are lost, and the
 * watcher is told how many. Whoever reports an event never waits for a watcher.
 */
final class EventStream implements Consumer<EngineEvent> {
    /** Kind of the event that stands in for lost ones. */
    static final String LOST = "lost";

    static final int MAX_WAITING = 256;

    private final ServerCallStreamObserver<Event> watcher;
    private final Executor executor;
    private final Queue<Event> waiting = new ArrayDeque<>();
    private long lost;

    /**
     * @param executor where the watcher is written to
     */
    EventStream(ServerCallStreamObserver<Event> watcher, Executor executor) {
        this.watcher = watcher;
        this.executor = executor;
    }

    @Override
    public void accept(EngineEvent event) {
        synchronized (waiting) {
            if (waiting.size() == MAX_WAITING) {
                lost++;
                return;
            }
            waiting.add(message(event));
        }
        executor.execute(this::send);
    }

    /** Sends what the transport takes; also called when it takes more again. */
    void send() {
        synchronized (watcher) {
            for (Event next = next(); next != null; next = next()) {
                watcher.onNext(next);
            }
        }
    }

    private @Nullable Event next() {
        synchronized (waiting) {
            if (watcher.isCancelled() || !watcher.isReady()) {
                return null;
            }
            if (waiting.isEmpty() && lost > 0) {
                Event gap = lostEvents(lost);
                lost = 0;
                return gap;
            }
            return waiting.poll();
        }
    }

    private static Event lostEvents(long count) {
        return Event.newBuilder()
                .setTimeMs(System.currentTimeMillis())
                .setKind(LOST)
                .setMessage(count
                        + " events were lost, because this watcher was too slow: list the devices to see where"
                        + " they stand")
                .build();
    }

    private static Event message(EngineEvent event) {
        return Event.newBuilder()
                .setTimeMs(event.timeMs())
                .setKind(event.kind())
                .setPool(event.volume().pool())
                .setVolumeId(event.volume().volumeId())
                .setMessage(event.message())
                .build();
    }
}
