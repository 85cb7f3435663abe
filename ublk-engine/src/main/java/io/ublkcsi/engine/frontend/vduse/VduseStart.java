package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Brings a device to life: a new one, or one that a dead engine has left, whose users have been waiting since. */
record VduseStart(UringSyscalls syscalls, Path folder, String name, Backend backend) {
    private static final int MIN_DEPTH = 2;
    /** {@code virtio-blk} takes 16 bits; a queue's memory and log grow with it. */
    private static final int MAX_DEPTH = 1024;

    VduseDevice create(DeviceOptions options) {
        int depth = depth(options.depth());
        BlockLimits limits = backend.limits();
        try (VduseControl control = new VduseControl();
                Arena arena = Arena.ofConfined()) {
            MemorySegment config = arena.allocate(BlkConfig.LENGTH, 8);
            BlkConfig.write(config, limits, options.queues());
            InflightFile log = InflightFile.create(folder, name, options.queues(), depth);
            try {
                control.create(name, BlkConfig.features(limits), options.queues(), config);
                return serveNew(log, options.queues(), depth);
            } catch (RuntimeException failure) {
                undo(failure);
                throw failure;
            }
        }
    }

    private VduseDevice serveNew(InflightFile log, int queues, int depth) {
        VduseFile file = VduseFile.open(name);
        try {
            for (int queue = 0; queue < queues; queue++) {
                file.setUpQueue(queue, depth);
            }
            VduseDevice device = new VduseDevice(syscalls, name, backend, file, log, serial());
            device.serve();
            return device;
        } catch (RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    private void undo(RuntimeException failure) {
        try {
            LeftVduseDevices.takeAway(name, folder);
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }

    /** The backend was opened before, which fences the dead engine's last writes. */
    VduseDevice adopt() {
        VduseFile file = VduseFile.open(name);
        try {
            if ((file.features() & ~BlkConfig.features(backend.limits())) != 0) {
                throw new EngineException(
                        Kind.FAILED_PRECONDITION,
                        VduseNames.volume(name) + " can do less now than when it was attached (is its pool read-only?):"
                                + " detach it by force, then attach it again");
            }
            InflightFile log = InflightFile.open(folder, name);
            VduseDevice device = new VduseDevice(syscalls, name, backend, file, log, serial());
            device.serveAgain();
            return device;
        } catch (RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    /** Answers what the device's users wait for with errors, so that its driver lets go of it, and removes it. */
    void failAndTakeAway(VduseFile file) {
        try {
            InflightFile log = InflightFile.open(folder, name);
            new VduseDevice(syscalls, name, backend, file, log, serial()).serveUntilTakenAway();
        } catch (RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    /** A virtqueue has a power of two entries. */
    private static int depth(int asked) {
        int depth = Math.max(MIN_DEPTH, asked == 1 ? 1 : Integer.highestOneBit(asked - 1) << 1);
        if (depth > MAX_DEPTH) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT, "a VDUSE queue has up to " + MAX_DEPTH + " entries, not " + asked);
        }
        return depth;
    }

    private MemorySegment serial() {
        MemorySegment serial = Arena.ofAuto().allocate(BlkRequest.ID_BYTES, 8);
        byte[] bytes = VduseNames.serial(VduseNames.volume(name));
        MemorySegment.copy(bytes, 0, serial, Memory.BYTE, 0, bytes.length);
        return serial;
    }
}
