package io.ublkcsi.common.kubernetes.event;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.ublkcsi.common.announce.Announcer.Weight;
import io.ublkcsi.common.kubernetes.Calls;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events. The same one about the same object is written again only after a while: an Event that repeats itself
 * every second hides the others. Thread-safe.
 */
public final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final Duration QUIET = Duration.ofMinutes(5);
    private static final int REMEMBERED = 1000;
    private static final int MAX_MESSAGE = 1024;

    private final KubernetesClient client;
    private final String component;
    private final String host;
    private final Map<String, Said> said = new LinkedHashMap<>();

    private record Said(String message, long atNs) {}

    /**
     * @param component who says it, such as {@code local.ublk-csi.io/node}
     * @param host on which node; empty: none
     */
    public Events(KubernetesClient client, String component, String host) {
        this.client = client;
        this.component = component;
        this.host = host;
    }

    /** Writes one, unless it was written a moment ago; a failure is in the log. */
    public void write(ObjectReference about, Weight weight, String reason, String message) {
        if (!isNews(about, reason, message)) {
            return;
        }
        String namespace = Objects.requireNonNullElse(about.getNamespace(), "default");
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        try {
            client.v1()
                    .events()
                    .inNamespace(namespace)
                    .resource(new EventBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName(about.getName() + "." + Long.toHexString(System.nanoTime()))
                            .endMetadata()
                            .withInvolvedObject(about)
                            .withType(weight == Weight.WARNING ? "Warning" : "Normal")
                            .withReason(reason)
                            .withMessage(message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE))
                            .withCount(1)
                            .withFirstTimestamp(now)
                            .withLastTimestamp(now)
                            .withNewSource(component, host)
                            .withReportingComponent(component)
                            .withReportingInstance(host)
                            .build())
                    .create();
        } catch (KubernetesClientException failure) {
            LOG.warn("no event about {} {}: {} ({})", about.getKind(), about.getName(), message, Calls.said(failure));
        }
    }

    private synchronized boolean isNews(ObjectReference about, String reason, String message) {
        String key = about.getKind() + "/" + about.getNamespace() + "/" + about.getName() + "/" + reason;
        Said last = said.remove(key);
        long now = System.nanoTime();
        boolean news = last == null || !last.message().equals(message) || now - last.atNs() > QUIET.toNanos();
        said.put(key, news ? new Said(message, now) : Objects.requireNonNull(last));
        if (said.size() > REMEMBERED) {
            said.remove(said.keySet().iterator().next());
        }
        return news;
    }
}
