package io.ublkcsi.controller.volume;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * From which nodes a volume has to be reachable.
 *
 * @param requisite one of these, unless empty
 * @param preferred in this order
 */
public record TopologyWish(List<String> requisite, List<String> preferred) {
    /** Whether any node will do. */
    public boolean anywhere() {
        return requisite.isEmpty() && preferred.isEmpty();
    }

    /** The nodes to try, best first. */
    public SequencedSet<String> candidates() {
        SequencedSet<String> nodes = new LinkedHashSet<>(preferred);
        nodes.addAll(requisite);
        return nodes;
    }
}
