package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.uring.Ring;

/**
 * What a queue is made of.
 *
 * @param shared the memory that the kernel's target shows us, and its bell; the queue's to close
 * @param depth commands that may be under way; more wait in the kernel's ring
 * @param maxSegments pieces of shared memory that one command's data may be in
 * @param deviceSlot the ring's fixed file that is the device: it stays busy until the ring's last I/O has ended
 * @param slot which device's queue on the ring
 */
record TcmuQueueSetup(
        Ring ring,
        SharedRing shared,
        LogicalUnit unit,
        int depth,
        int maxSegments,
        int deviceSlot,
        int slot,
        QueueMetrics metrics) {}
