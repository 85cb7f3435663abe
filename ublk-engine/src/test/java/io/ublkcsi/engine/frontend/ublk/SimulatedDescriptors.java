package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.SimulatedUring;
import java.lang.foreign.MemorySegment;

/** The simulated driver's side of a queue's request descriptors. */
final class SimulatedDescriptors {
    private final MemorySegment memory;

    SimulatedDescriptors(SimulatedUring kernel, int depth) {
        memory = kernel.pages(Memory.roundUp((long) depth * IoDescriptor.LENGTH, Memory.PAGE_BYTES));
    }

    MemorySegment memory() {
        return memory;
    }

    void write(int tag, int opFlags, long startSector, int sectors, long address) {
        long at = (long) tag * IoDescriptor.LENGTH;
        memory.set(Memory.INT, at + IoDescriptor.OP_FLAGS, opFlags);
        memory.set(Memory.INT, at + IoDescriptor.NR_SECTORS, sectors);
        memory.set(Memory.LONG, at + IoDescriptor.START_SECTOR, startSector);
        memory.set(Memory.LONG, at + IoDescriptor.ADDR, address);
    }

    void flag(int tag, int flag) {
        long at = (long) tag * IoDescriptor.LENGTH + IoDescriptor.OP_FLAGS;
        memory.set(Memory.INT, at, memory.get(Memory.INT, at) | flag);
    }

    int operation(int tag) {
        return memory.get(Memory.INT, (long) tag * IoDescriptor.LENGTH) & IoDescriptor.OP_MASK;
    }

    int bytes(int tag) {
        return memory.get(Memory.INT, (long) tag * IoDescriptor.LENGTH + IoDescriptor.NR_SECTORS) * 512;
    }

    boolean hasData(int tag) {
        return operation(tag) == IoDescriptor.OP_READ || operation(tag) == IoDescriptor.OP_WRITE;
    }
}
