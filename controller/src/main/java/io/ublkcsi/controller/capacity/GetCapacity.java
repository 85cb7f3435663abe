package io.ublkcsi.controller.capacity;

import io.ublkcsi.common.parameters.Filesystem;
import io.ublkcsi.common.parameters.VolumeParameters;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.validation.VolumeUse;
import io.ublkcsi.controller.node.Nodes;
import io.ublkcsi.controller.volume.CapacityRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much room there is for new volumes, from what the nodes last reported. */
public final class GetCapacity {
    private final VolumeStore store;
    private final Nodes nodes;

    public GetCapacity(VolumeStore store, Nodes nodes) {
        this.store = store;
        this.nodes = nodes;
    }

    /**
     * For volumes of which kind, and where.
     *
     * @param node {@code null}: anywhere
     */
    public record Question(
            List<VolumeUse> uses,
            VolumeParameters parameters,
            @Nullable String node) {}

    /**
     * The room, in bytes.
     *
     * @param available in all pools in question
     * @param maximum of one volume: it lives in one pool
     * @param minimum of one volume
     */
    public record Room(long available, long maximum, long minimum) {}

    public Room run(Question question) {
        List<PoolReport> pools = store.pools().stream()
                .filter(PoolReport::usable)
                .filter(pool -> nodes.of(pool.node()) == Nodes.Standing.PRESENT)
                .filter(pool -> pool.name().equals(question.parameters().pool()))
                .filter(pool -> question.node() == null || pool.node().equals(question.node()))
                .toList();
        long available = pools.stream().mapToLong(PoolReport::availableBytes).sum();
        long maximum =
                pools.stream().mapToLong(PoolReport::maximumVolumeBytes).max().orElse(0);
        return new Room(available, maximum, minimum(question));
    }

    private static long minimum(Question question) {
        return question.uses().stream()
                .filter(use -> !use.block())
                .map(use -> use.newFilesystem(question.parameters()))
                .mapToLong(Filesystem::minimumBytes)
                .max()
                .orElse(CapacityRange.GRANULE_BYTES);
    }
}
