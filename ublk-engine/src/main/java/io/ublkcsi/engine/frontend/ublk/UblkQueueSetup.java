package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.QueueMetrics;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.RingException;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.MemorySegment;

/**
 * What a queue is made of.
 *
 * @param queue number of the queue on its device
 * @param slot which device's queue on the ring
 * @param deviceSlot the ring's fixed file that is {@code /dev/ublkcN}
 * @param descriptors the driver's request descriptors of this queue, read-only
 * @param batch whether requests and results are handed over many at a time
 * @param chains whether a commit may be linked behind other entries; see {@link UblkDevice}
 */
record UblkQueueSetup(
        UringSyscalls syscalls,
        Ring ring,
        int queue,
        int depth,
        int maxIoBytes,
        int slot,
        int deviceSlot,
        MemorySegment descriptors,
        QueueMetrics metrics,
        boolean batch,
        boolean chains) {

    private static final int PROT_READ = 1;
    private static final int MAX_DEPTH = 4096;

    /** Maps the queue's descriptors; {@code device} is an open {@code /dev/ublkcN} that may be closed afterwards. */
    static MemorySegment mapDescriptors(UringSyscalls syscalls, int device, int queue, int depth) {
        long length = Memory.roundUp((long) depth * IoDescriptor.LENGTH, Memory.PAGE_BYTES);
        long stride = Memory.roundUp((long) MAX_DEPTH * IoDescriptor.LENGTH, Memory.PAGE_BYTES);
        long address = syscalls.mmap(device, length, PROT_READ, queue * stride);
        if (address < 0 && address > -4096) {
            throw new RingException("mapping the request descriptors of queue " + queue, (int) address);
        }
        return Memory.at(address, length);
    }

    void unmapDescriptors() {
        syscalls.munmap(descriptors.address(), descriptors.byteSize());
    }
}
