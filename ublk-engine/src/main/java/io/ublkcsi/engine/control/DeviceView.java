package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.frontend.ublk.DataPathChoice;
import io.ublkcsi.engine.frontend.ublk.DeviceInfo;
import io.ublkcsi.engine.frontend.ublk.UblkControl;
import java.util.List;

/**
 * A device as it is at one moment, for tables, the API and metrics.
 *
 * @param path of the block device
 * @param limits as shown to the device's user
 * @param reason why it is in this state, or empty
 * @param metrics live counters, one a queue
 */
public record DeviceView(
        VolumeKey volume,
        AttachOptions options,
        DeviceState state,
        String path,
        UblkControl.DeviceNumbers numbers,
        DeviceInfo info,
        BlockLimits limits,
        DataPathChoice dataPath,
        int maxIoBytes,
        String reason,
        List<QueueMetrics> metrics) {}
