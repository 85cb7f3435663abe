package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An open {@code /dev/uioN} of the target (drivers/uio/uio.c); only one process at a time can have it open. */
final class UioFile implements SharedRing {
    private static final int WORD_BYTES = 4;

    private final int descriptor;
    private final MemorySegment map;
    private final MemorySegment word = Arena.ofAuto().allocate(WORD_BYTES, WORD_BYTES);

    private UioFile(int descriptor, MemorySegment map) {
        this.descriptor = descriptor;
        this.map = map;
    }

    /**
     * Opens and maps.
     *
     * @param mapBytes as sysfs says; the kernel takes no other length
     * @throws EngineException FAILED_PRECONDITION when another process serves the device
     */
    static UioFile open(String path, long mapBytes) {
        int descriptor = Linux.open(path, Linux.O_RDWR);
        if (descriptor < 0) {
            boolean busy = descriptor == -Errno.EBUSY;
            throw new EngineException(
                    busy ? Kind.FAILED_PRECONDITION : Kind.INTERNAL,
                    "opening " + path + " failed with " + Errno.name(descriptor)
                            + (busy ? ": another process serves this device" : ""));
        }
        int protection = Linux.PROT_READ | Linux.PROT_WRITE;
        long address = Linux.mmap(mapBytes, protection, Linux.MAP_SHARED, descriptor, 0);
        if (address < 0 && address > -Memory.PAGE_BYTES) {
            Linux.close(descriptor);
            throw new EngineException(
                    Kind.INTERNAL, "mapping " + mapBytes + " bytes of " + path + " failed with " + Errno.name(address));
        }
        return new UioFile(descriptor, Memory.at(address, mapBytes));
    }

    @Override
    public MemorySegment map() {
        return map;
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    /** An error says that the device is gone, which the poll of its descriptor says as well. */
    @Override
    public void wakeUp() {
        Linux.write(descriptor, word);
    }

    @Override
    public void close() {
        Linux.munmap(map.address(), map.byteSize());
        Linux.close(descriptor);
    }
}
