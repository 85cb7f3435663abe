package io.ublkcsi.engine.cli;

import io.ublkcsi.proto.engine.v1.Event;
import io.ublkcsi.proto.engine.v1.WatchRequest;
import java.time.Instant;
import java.util.Iterator;
import picocli.CommandLine.Command;

/** {@code ublk-csi events}. */
@Command(name = "events", description = "Prints events as they happen, one a line, until it is interrupted.")
final class EventsCommand extends ClientCommand {
    @Override
    void run(EngineClient client) {
        Iterator<Event> events = client.stream().watch(WatchRequest.getDefaultInstance());
        while (events.hasNext()) {
            Event event = events.next();
            out().println(isJson() ? MessageJson.printLine(event) : text(event));
            out().flush();
        }
    }

    private static String text(Event event) {
        return Instant.ofEpochMilli(event.getTimeMs()) + " " + event.getKind() + " " + event.getPool() + "/"
                + event.getVolumeId() + " " + event.getMessage();
    }
}
