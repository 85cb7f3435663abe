package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.frontend.DeviceNodes;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** {@code /dev/vduse/NAME}: the kernel's side of one device. Calls return at once; any thread. */
final class VduseFile implements AutoCloseable {
    private static final long BUSY_NS = TimeUnit.SECONDS.toNanos(15);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String name;
    private final int fd;
    private boolean closed;

    private VduseFile(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /** Opens the device; a predecessor that has just died may hold it for a moment. */
    static VduseFile open(String name) {
        String path = "/dev/vduse/" + name;
        DeviceNodes.Numbers numbers = SysDevice.numbers(SysDevice.CLASS.resolve(name));
        DeviceNodes.awaitCharacter(path, numbers.major(), numbers.minor());
        long deadlineNs = System.nanoTime() + BUSY_NS;
        int fd = Linux.open(path, Linux.O_RDWR | Linux.O_NONBLOCK);
        while (fd == -Errno.EBUSY && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(POLL_NS);
            fd = Linux.open(path, Linux.O_RDWR | Linux.O_NONBLOCK);
        }
        VduseErrors.check(fd, "opening " + path);
        return new VduseFile(name, fd);
    }

    /** Opens the device at once; null when somebody has it. */
    static @Nullable VduseFile openIfFree(String name) {
        int fd = Linux.open("/dev/vduse/" + name, Linux.O_RDWR | Linux.O_NONBLOCK);
        if (fd == -Errno.EBUSY) {
            return null;
        }
        VduseErrors.check(fd, "opening /dev/vduse/" + name);
        return new VduseFile(name, fd);
    }

    int fd() {
        return fd;
    }

    private void call(long request, MemorySegment argument, String what) {
        VduseErrors.check(Linux.ioctl(fd, request, argument.address()), what + " of VDUSE device " + name);
    }

    void setUpQueue(int index, int maxEntries) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment config = arena.allocate(VqConfig.LENGTH, 8);
            config.set(Memory.INT, VqConfig.INDEX, index);
            config.set(Memory.SHORT, VqConfig.MAX_SIZE, (short) maxEntries);
            call(VduseIoctl.VQ_SETUP, config, "setting up a queue");
        }
    }

    /** What driver and device agreed on; 0 while no driver is there. */
    long features() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment features = arena.allocate(Long.BYTES, Long.BYTES);
            call(VduseIoctl.DEV_GET_FEATURES, features, "asking for the features");
            return features.get(Memory.LONG, 0);
        }
    }

    /**
     * Whether a driver has agreed with the device and was not taken off it: it may wait for requests. A driver whose
     * removal waits has no link in sysfs any more.
     */
    boolean isDriven() {
        return features() != 0;
    }

    /** A queue as its driver has set it up; null when the device has no such queue. */
    @Nullable
    VqInfo queue(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(VqInfo.LENGTH, 8);
            info.set(Memory.INT, VqInfo.INDEX, index);
            int result = Linux.ioctl(fd, VduseIoctl.VQ_GET_INFO, info.address());
            if (result == -Errno.EINVAL) {
                return null;
            }
            VduseErrors.check(result, "asking for a queue of VDUSE device " + name);
            return VqInfo.read(info);
        }
    }

    /** From now on the driver's kicks of the queue go to that eventfd; one that came before goes there at once. */
    void kickTo(int index, int eventFd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment kick = arena.allocate(VqEventFd.LENGTH, 8);
            kick.set(Memory.INT, VqEventFd.INDEX, index);
            kick.set(Memory.INT, VqEventFd.FD, eventFd);
            call(VduseIoctl.VQ_SETUP_KICKFD, kick, "taking the kicks of a queue");
        }
    }

    /** Changes the configuration that the driver sees, and has it look. */
    void changeConfig(int offset, MemorySegment bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment change = arena.allocate(ConfigData.LENGTH + bytes.byteSize(), 8);
            change.set(Memory.INT, ConfigData.OFFSET, offset);
            change.set(Memory.INT, ConfigData.BYTES, (int) bytes.byteSize());
            change.asSlice(ConfigData.BUFFER).copyFrom(bytes);
            call(VduseIoctl.DEV_SET_CONFIG, change, "changing the configuration");
            VduseErrors.check(
                    Linux.ioctl(fd, VduseIoctl.DEV_INJECT_CONFIG_IRQ, 0),
                    "telling the driver of a change of VDUSE device " + name);
        }
    }

    /** Maps the region of the driver's memory that holds an address; null when there is none. */
    Iotlb.@Nullable Region map(long iova) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(IotlbEntry.LENGTH, 8);
            entry.set(Memory.LONG, IotlbEntry.START, iova);
            entry.set(Memory.LONG, IotlbEntry.LAST, iova);
            int memory = Linux.ioctl(fd, VduseIoctl.IOTLB_GET_FD, entry.address());
            if (memory < 0) {
                return null;
            }
            long start = entry.get(Memory.LONG, IotlbEntry.START);
            long last = entry.get(Memory.LONG, IotlbEntry.LAST);
            int permission = entry.get(Memory.BYTE, IotlbEntry.PERM);
            long offset = entry.get(Memory.LONG, IotlbEntry.OFFSET);
            long bytes = last - start + 1;
            long address = Linux.mmap(bytes, protection(permission), Linux.MAP_SHARED, memory, offset);
            Linux.close(memory);
            boolean mapped = address > 0 || address < -4095;
            return mapped
                    ? new Iotlb.Region(start, last, address, permission, () -> Linux.munmap(address, bytes))
                    : null;
        }
    }

    private static int protection(int permission) {
        int read = (permission & IotlbEntry.ACCESS_RO) != 0 ? Linux.PROT_READ : 0;
        int write = (permission & IotlbEntry.ACCESS_WO) != 0 ? Linux.PROT_WRITE : 0;
        return read | write;
    }

    /** Whether the kernel has given the device up, because a message was not answered in time. */
    boolean isBroken() {
        try {
            features();
            return false;
        } catch (EngineException refused) {
            return refused.kind() == EngineException.Kind.FAILED_PRECONDITION;
        }
    }

    /** Once: its number may be another file's afterwards. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.close(fd);
        }
    }
}
