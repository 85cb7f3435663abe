package io.ublkcsi.controller.volume;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.controller.node.Nodes;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Chooses the node that a new volume lives on, from what the nodes last reported. The node has the last word. */
public final class Placement {
    private final VolumeStore store;
    private final Nodes nodes;

    public Placement(VolumeStore store, Nodes nodes) {
        this.store = store;
        this.nodes = nodes;
    }

    /**
     * The best node with a usable pool of that name and the room.
     *
     * @throws CsiFault.OutOfSpace when there is none, with what each candidate lacks
     */
    public String choose(String pool, long sizeBytes, TopologyWish wish) {
        List<PoolReport> pools = store.pools().stream()
                .filter(report -> report.name().equals(pool))
                .toList();
        List<PoolReport> fitting = pools.stream()
                .filter(report -> report.usable() && report.maximumVolumeBytes() >= sizeBytes)
                .filter(report -> nodes.of(report.node()) == Nodes.Standing.PRESENT)
                .sorted(Comparator.comparingLong(PoolReport::availableBytes).reversed())
                .toList();
        if (wish.anywhere() && !fitting.isEmpty()) {
            return fitting.getFirst().node();
        }
        for (String node : wish.candidates()) {
            if (fitting.stream().anyMatch(report -> report.node().equals(node))) {
                return node;
            }
        }
        throw new CsiFault.OutOfSpace("no node that will do has room for " + sizeBytes + " bytes in a pool '" + pool
                + "': " + explain(pools, wish) + "; free space, or choose another pool or node");
    }

    /** The node that a copy has to live on, its source's, if the wish allows it. */
    public static String besideSource(String node, TopologyWish wish, String source) {
        if (!wish.requisite().isEmpty() && !wish.requisite().contains(node)) {
            throw new CsiFault.OutOfSpace("a copy of " + source + " can only live on its node, " + node
                    + ", and accessibility_requirements.requisite does not have it: " + wish.requisite());
        }
        return node;
    }

    private String explain(List<PoolReport> pools, TopologyWish wish) {
        List<PoolReport> considered = pools.stream()
                .filter(report -> wish.anywhere() || wish.candidates().contains(report.node()))
                .toList();
        if (considered.isEmpty()) {
            return wish.anywhere()
                    ? "no node reported such a pool"
                    : "none of " + wish.candidates() + " reported such a pool";
        }
        return considered.stream()
                .map(report -> report.node() + ": " + explain(report))
                .collect(Collectors.joining(", "));
    }

    private String explain(PoolReport report) {
        if (nodes.of(report.node()) != Nodes.Standing.PRESENT) {
            return nodes.explain(report.node());
        }
        return report.usable() ? "up to " + report.maximumVolumeBytes() + " bytes" : report.problem();
    }
}
