package io.ublkcsi.engine.observe;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.QueueMetrics;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What all devices have done since the engine started. Counters of detached devices are kept, because a total must not
 * fall.
 */
final class IoTotals {
    private final Set<QueueMetrics> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private final OperationTotals[] ended = new OperationTotals[BlockOperation.COUNT];

    IoTotals() {
        Arrays.fill(ended, OperationTotals.ZERO);
    }

    /** Takes note of the queues that there are now; called whenever a device came or went, at the latest when read. */
    synchronized void update(List<QueueMetrics> queues) {
        Set<QueueMetrics> present = Collections.newSetFromMap(new IdentityHashMap<>());
        present.addAll(queues);
        live.removeIf(queue -> {
            boolean gone = !present.contains(queue);
            if (gone) {
                addEnded(queue);
            }
            return gone;
        });
        live.addAll(queues);
    }

    private void addEnded(QueueMetrics queue) {
        for (int operation = 0; operation < ended.length; operation++) {
            ended[operation] = ended[operation].plus(OperationTotals.of(operation, List.of(queue)));
        }
    }

    /** One for each of {@link BlockOperation}. */
    synchronized OperationTotals of(int operation) {
        return ended[operation].plus(OperationTotals.of(operation, live));
    }
}
