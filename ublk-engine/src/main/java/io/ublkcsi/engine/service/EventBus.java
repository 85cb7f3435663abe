package io.ublkcsi.engine.service;

import io.ublkcsi.engine.control.EngineEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Hands events to whoever listens. Listeners are called on the thread of the event, so they neither block nor throw.
 */
public final class EventBus implements Consumer<EngineEvent> {
    private final List<Consumer<EngineEvent>> listeners = new CopyOnWriteArrayList<>();

    public void add(Consumer<EngineEvent> listener) {
        listeners.add(listener);
    }

    void remove(Consumer<EngineEvent> listener) {
        listeners.remove(listener);
    }

    int listeners() {
        return listeners.size();
    }

    @Override
    public void accept(EngineEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }
}
