package io.ublkcsi.engine.pool;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.QueueContext;
import java.util.concurrent.atomic.AtomicBoolean;

/** A volume of a {@link VolatilePool}: its bytes outlive the devices that show it. Guarded by the pool. */
final class VolatileVolume {
    private final Backend bytes;
    private final AtomicBoolean lent = new AtomicBoolean();
    private VolumeInfo info;

    /**
     * @throws EngineException INVALID_ARGUMENT when the size is no multiple of the block
     */
    VolatileVolume(String pool, VolumeRequest request, VolatilePool.BackendMaker maker) {
        int block = blockBytes(request);
        if (request.sizeBytes() % block != 0) {
            throw new EngineException(
                    Kind.INVALID_ARGUMENT,
                    "the size of volume " + request.id() + ", " + request.sizeBytes()
                            + " bytes, is no multiple of its block of " + block + " bytes");
        }
        bytes = maker.make(request.sizeBytes(), block);
        info = new VolumeInfo(
                pool,
                request.id(),
                request.sizeBytes(),
                0,
                request.provisioning(),
                block,
                null,
                VolumeState.READY,
                100,
                "",
                "",
                System.currentTimeMillis());
    }

    private static int blockBytes(VolumeRequest request) {
        return Math.max(request.logicalBlockBytes(), BlockLimits.MIN_BLOCK_BYTES);
    }

    VolumeInfo info() {
        return info;
    }

    long sizeBytes() {
        return info.sizeBytes();
    }

    VolumeInfo sameOrRefused(VolumeRequest request) {
        boolean same = request.sizeBytes() == info.sizeBytes()
                && request.provisioning() == info.provisioning()
                && blockBytes(request) == info.logicalBlockBytes()
                && request.origin() == null;
        if (!same) {
            throw new EngineException(
                    Kind.ALREADY_EXISTS, "volume " + info.id() + " exists with other parameters: take another id");
        }
        return info;
    }

    VolumeInfo markFormatted(String filesystem) {
        info = info.formatted(filesystem);
        return info;
    }

    Backend lend(OpenOptions options) {
        if (!lent.compareAndSet(false, true)) {
            throw inUse();
        }
        return new Lent(options);
    }

    private EngineException inUse() {
        return new EngineException(
                Kind.FAILED_PRECONDITION, "volume " + info.id() + " is in use: it is attached; detach it first");
    }

    void delete() {
        if (lent.get()) {
            throw inUse();
        }
        free();
    }

    void free() {
        bytes.close();
    }

    /** The volume for as long as one device shows it. */
    private final class Lent implements Backend {
        private final BlockLimits limits;

        Lent(OpenOptions options) {
            BlockLimits all = bytes.limits();
            limits = new BlockLimits(
                    all.sizeBytes(),
                    all.logicalBytes(),
                    all.physicalBytes(),
                    all.optimalBytes(),
                    all.memoryAlignBytes(),
                    all.maxTransferBytes(),
                    options.readOnly(),
                    all.volatileCache(),
                    all.discard() && !options.noDiscard(),
                    all.writeZeroes(),
                    all.rotational(),
                    all.needsData());
        }

        @Override
        public BlockLimits limits() {
            return limits;
        }

        @Override
        public BackendQueue openQueue(QueueContext context) {
            return bytes.openQueue(context);
        }

        @Override
        public void queuesOpened() {
            bytes.queuesOpened();
        }

        @Override
        public void close() {
            lent.set(false);
        }
    }
}
