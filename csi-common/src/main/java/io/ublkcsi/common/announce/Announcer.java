package io.ublkcsi.common.announce;

import io.ublkcsi.common.store.Entry;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people what happened outside of any call: in plain words, with the cure. Never fails: what can't be delivered
 * is in the log. May block for seconds. Thread-safe.
 */
public interface Announcer {
    /** How bad it is. */
    enum Weight {
        NOTE,
        WARNING
    }

    /**
     * About a volume: whoever uses or claims it is to see it.
     *
     * @param reason one word in CamelCase, for programs
     */
    void aboutVolume(Entry<VolumeSpec, VolumeStatus> volume, Weight weight, String reason, String message);

    /** About a node. */
    void aboutNode(String node, Weight weight, String reason, String message);

    /** For a machine without Kubernetes: the log. */
    static Announcer toLog() {
        return new ToLog();
    }

    /** Says it to whoever reads the log. */
    final class ToLog implements Announcer {
        private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

        @Override
        public void aboutVolume(Entry<VolumeSpec, VolumeStatus> volume, Weight weight, String reason, String message) {
            say("volume " + volume.id(), weight, reason, message);
        }

        @Override
        public void aboutNode(String node, Weight weight, String reason, String message) {
            say("node " + node, weight, reason, message);
        }

        private static void say(String about, Weight weight, String reason, String message) {
            if (weight == Weight.WARNING) {
                LOG.warn("{}: {}: {}", about, reason, message);
            } else {
                LOG.info("{}: {}: {}", about, reason, message);
            }
        }
    }
}
