package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.uring.Ring;
import java.lang.foreign.MemorySegment;

/**
 * What a queue is made of.
 *
 * @param queue number of the queue on its device
 * @param depth requests that may be in flight: no virtqueue may have more entries
 * @param slot which device's queue on the ring
 * @param kickSlot the ring's fixed file that is the eventfd which the driver kicks
 * @param serial the disk's, {@link BlkRequest#ID_BYTES} bytes
 * @param port the queue's ways to the kernel
 */
record VduseQueueSetup(
        Ring ring,
        int queue,
        int depth,
        int slot,
        int kickSlot,
        int logicalBytes,
        MemorySegment serial,
        InflightLog log,
        QueueMetrics metrics,
        Port port) {

    /** What a queue asks of its device. On the queue's thread. */
    interface Port extends Iotlb.RegionSource {
        /** Interrupts the driver: there are used entries. */
        void interrupt();
    }
}
