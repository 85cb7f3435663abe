package io.ublkcsi.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import io.ublkcsi.engine.control.EngineEvent;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.proto.engine.v1.Event;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A watcher that is slow loses events, learns of it, and holds nobody up. */
class EventStreamTest {
    private final Watcher watcher = new Watcher();
    private final EventStream stream = new EventStream(watcher, Runnable::run);

    private static EngineEvent event(int number) {
        return new EngineEvent(number, "attached", new VolumeKey("p", "v"), "number " + number);
    }

    @Test
    void readyWatcherGetsEventsInOrder() {
        watcher.ready = true;

        stream.accept(event(1));
        stream.accept(event(2));

        assertThat(watcher.seen).extracting(Event::getTimeMs).containsExactly(1L, 2L);
        assertThat(watcher.seen.getFirst().getPool()).isEqualTo("p");
    }

    @Test
    void slowWatcherIsToldWhatItLost() {
        for (int i = 0; i < EventStream.MAX_WAITING + 3; i++) {
            stream.accept(event(i));
        }
        assertThat(watcher.seen).isEmpty();

        watcher.ready = true;
        stream.send();

        assertThat(watcher.seen).hasSize(EventStream.MAX_WAITING + 1);
        assertThat(watcher.seen.getLast().getKind()).isEqualTo(EventStream.LOST);
        assertThat(watcher.seen.getLast().getMessage()).startsWith("3 events were lost");
    }

    @Test
    void watcherThatWentAwayIsNotWrittenTo() {
        watcher.ready = true;
        watcher.cancelled = true;

        stream.accept(event(1));

        assertThat(watcher.seen).isEmpty();
    }

    private static final class Watcher extends ServerCallStreamObserver<Event> {
        private final List<Event> seen = new ArrayList<>();
        private boolean ready;
        private boolean cancelled;

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void onNext(Event event) {
            seen.add(event);
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
