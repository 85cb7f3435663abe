package io.ublkcsi.engine.service;

import io.ublkcsi.engine.control.EngineEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Hands events to whoever listens. Listeners are called on the thread of the event, so they neither block nor throw.
 * What happens before anybody can listen, such as a takeover, is told to each listener when it comes.
 */
public final class EventBus implements Consumer<EngineEvent> {
    private final List<Consumer<EngineEvent>> listeners = new CopyOnWriteArrayList<>();

    private final List<EngineEvent> startUp = new CopyOnWriteArrayList<>();
    private volatile boolean starting = true;

    public void add(Consumer<EngineEvent> listener) {
        startUp.forEach(listener);
        listeners.add(listener);
    }

    /** From here on events are told only to those who listen already. */
    public void startUpEnds() {
        starting = false;
    }

    void remove(Consumer<EngineEvent> listener) {
        listeners.remove(listener);
    }

    int listeners() {
        return listeners.size();
    }

    @Override
    public void accept(EngineEvent event) {
        if (starting) {
            startUp.add(event);
        }
        listeners.forEach(listener -> listener.accept(event));
    }
}
