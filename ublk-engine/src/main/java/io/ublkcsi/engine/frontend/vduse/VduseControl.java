package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** {@code /dev/vduse/control}: makes and removes devices. Calls return at once; any thread. */
final class VduseControl implements AutoCloseable {
    static final String PATH = "/dev/vduse/control";

    /** Version 1 (kernel 7) has groups and address spaces, which one block device has no use for. */
    private static final long API_VERSION = 0;

    private static final long BUSY_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final int fd;

    /**
     * @throws EngineException with the cure when there is no driver, or no permission
     */
    VduseControl() {
        fd = Linux.open(PATH, Linux.O_RDWR);
        if (fd == -Errno.ENOENT || fd == -Errno.ENODEV || fd == -Errno.ENXIO) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "this node has no VDUSE (" + PATH + " is missing): 'modprobe -a vduse virtio_vdpa virtio_blk' loads"
                            + " it where the kernel has it");
        }
        VduseErrors.check(fd, "opening " + PATH);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment version = arena.allocate(Long.BYTES, Long.BYTES);
            version.set(Memory.LONG, 0, API_VERSION);
            VduseErrors.check(
                    Linux.ioctl(fd, VduseIoctl.SET_API_VERSION, version.address()), "choosing VDUSE's version");
        } catch (EngineException refused) {
            Linux.close(fd);
            throw refused;
        }
    }

    /**
     * Makes a block device, which then is {@code /dev/vduse/NAME}.
     *
     * @param config its {@link BlkConfig}
     */
    void create(String name, long features, int queues, MemorySegment config) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment create = arena.allocate(VduseDevConfig.LENGTH + config.byteSize(), 8);
            create.asSlice(0, VduseDevConfig.NAME_BYTES).copyFrom(name(arena, name));
            create.set(Memory.INT, VduseDevConfig.DEVICE_ID, VirtioStatus.ID_BLOCK);
            create.set(Memory.LONG, VduseDevConfig.FEATURES, features);
            create.set(Memory.INT, VduseDevConfig.VQ_NUM, queues);
            create.set(Memory.INT, VduseDevConfig.VQ_ALIGN, Memory.PAGE_BYTES);
            create.set(Memory.INT, VduseDevConfig.CONFIG_SIZE, (int) config.byteSize());
            create.asSlice(VduseDevConfig.CONFIG).copyFrom(config);
            VduseErrors.check(Linux.ioctl(fd, VduseIoctl.CREATE_DEV, create.address()), "making VDUSE device " + name);
        }
    }

    /**
     * Removes a device that nobody serves and no driver is bound to; one that is not there is removed already. Waits a
     * moment for who is about to let go of it.
     */
    void destroy(String name) {
        try (Arena arena = Arena.ofConfined()) {
            long address = name(arena, name).address();
            long deadlineNs = System.nanoTime() + BUSY_NS;
            int result = Linux.ioctl(fd, VduseIoctl.DESTROY_DEV, address);
            while (result == -Errno.EBUSY && System.nanoTime() - deadlineNs < 0) {
                LockSupport.parkNanos(POLL_NS);
                result = Linux.ioctl(fd, VduseIoctl.DESTROY_DEV, address);
            }
            if (result != -Errno.EINVAL) {
                VduseErrors.check(result, "removing VDUSE device " + name);
            }
        }
    }

    private static MemorySegment name(Arena arena, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= VduseDevConfig.NAME_BYTES) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT,
                    "the volume's name is too long for VDUSE: '" + name + "' has more than "
                            + (VduseDevConfig.NAME_BYTES - 1) + " bytes");
        }
        MemorySegment padded = arena.allocate(VduseDevConfig.NAME_BYTES);
        MemorySegment.copy(bytes, 0, padded, Memory.BYTE, 0, bytes.length);
        return padded;
    }

    @Override
    public void close() {
        Linux.close(fd);
    }
}
