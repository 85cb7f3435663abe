package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.frontend.DeviceFacts;
import java.util.List;

/**
 * A device as it is at one moment, for tables, the API and metrics.
 *
 * @param frontendReason why this frontend shows it, for people
 * @param limits as shown to the device's user
 * @param reason why it is in this state, or empty
 * @param metrics live counters, one a queue
 */
public record DeviceView(
        VolumeKey volume,
        AttachOptions options,
        DeviceState state,
        DeviceFacts facts,
        String frontendReason,
        BlockLimits limits,
        String reason,
        List<QueueMetrics> metrics) {

    /** Of the block device. */
    public String path() {
        return facts.path();
    }
}
