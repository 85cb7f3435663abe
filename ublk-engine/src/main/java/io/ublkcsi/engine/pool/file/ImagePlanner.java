package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.ByteSize;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeUse;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Decides whether an image can be made, grown or deleted, and reserves its space: whoever comes next sees the record.
 * Any thread, one an image.
 */
final class ImagePlanner {
    private final String pool;
    private final ImageStore volumes;
    private final ImageStore snapshots;
    private final PoolTraits traits;
    private final ImageMaker maker;
    private final Supplier<PoolSpace> space;

    ImagePlanner(
            String pool,
            ImageStore volumes,
            ImageStore snapshots,
            PoolTraits traits,
            ImageMaker maker,
            Supplier<PoolSpace> space) {
        this.pool = pool;
        this.volumes = volumes;
        this.snapshots = snapshots;
        this.traits = traits;
        this.maker = maker;
        this.space = space;
    }

    ImageRecord createVolume(VolumeRequest request, VolumeUse use) {
        ImageRecord present = volumes.find(request.id());
        if (present != null) {
            return same(present, request);
        }
        Origin origin = request.origin();
        ImageRecord record = origin == null ? blank(request) : derived(request, origin);
        return maker.make(volumes, reserve(volumes, record, record.sizeBytes()), use);
    }

    private ImageRecord same(ImageRecord present, VolumeRequest request) {
        boolean size = request.sizeBytes() == 0 || request.sizeBytes() == present.sizeBytes();
        boolean block = request.logicalBlockBytes() == 0 || blockBytes(request) == present.logicalBlockBytes();
        boolean origin = request.origin() == null
                ? present.origin() == null
                : request.origin().equals(present.origin());
        if (size && block && origin && request.provisioning() == present.provisioning()) {
            return present;
        }
        String from = present.origin() == null ? "empty" : "from " + present.origin();
        throw new EngineException(
                Kind.ALREADY_EXISTS,
                "volume " + present.id() + " exists with other parameters: " + present.sizeBytes() + " bytes, "
                        + present.provisioning() + ", blocks of " + present.logicalBlockBytes() + " bytes, made " + from
                        + ": ask for the same, or take another id");
    }

    private int blockBytes(VolumeRequest request) {
        return Math.max(Math.max(request.logicalBlockBytes(), BlockLimits.MIN_BLOCK_BYTES), traits.logicalBlockBytes());
    }

    private ImageRecord blank(VolumeRequest request) {
        int block = blockBytes(request);
        checkSize(request.id(), request.sizeBytes(), block);
        return ImageRecord.creating(request.id(), request.sizeBytes(), request.provisioning(), block, null, 0);
    }

    private ImageRecord derived(VolumeRequest request, Origin origin) {
        ImageStore store = maker.originStore(origin);
        ImageRecord source = ready(store, origin.id());
        int block = source.logicalBlockBytes();
        if (request.logicalBlockBytes() != 0 && blockBytes(request) != block) {
            throw invalid(origin + " has blocks of " + block + " bytes, and a volume made from it keeps them: ask for "
                    + block + ", or leave the block size out");
        }
        long size = request.sizeBytes() == 0 ? source.sizeBytes() : request.sizeBytes();
        checkSize(request.id(), size, block);
        if (size < source.sizeBytes()) {
            throw invalid("volume " + request.id() + " of " + size + " bytes is too small for " + origin + " with "
                    + source.sizeBytes() + ": ask for at least that");
        }
        long data = Math.min(store.allocatedBytes(origin.id()), source.sizeBytes());
        return sharing(ImageRecord.creating(request.id(), size, request.provisioning(), block, origin, data));
    }

    private ImageRecord sharing(ImageRecord record) {
        return traits.reflink() ? record.asShared() : record;
    }

    private static void checkSize(String id, long sizeBytes, int blockBytes) {
        if (sizeBytes % blockBytes != 0) {
            throw invalid("the size of volume " + id + ", " + sizeBytes + " bytes, is no multiple of its block of "
                    + blockBytes + " bytes: ask for " + (sizeBytes / blockBytes + 1) * blockBytes);
        }
    }

    ImageRecord createSnapshot(String id, String volumeId, VolumeUse use) {
        Origin origin = new Origin(Origin.Kind.VOLUME, volumeId);
        ImageRecord present = snapshots.find(id);
        if (present != null) {
            if (origin.equals(present.origin())) {
                return present;
            }
            throw new EngineException(
                    Kind.ALREADY_EXISTS,
                    "snapshot " + id + " exists, of " + present.origin() + ": take another id for one of volume "
                            + volumeId);
        }
        ImageRecord source = ready(volumes, volumeId);
        long data = source.isPreallocated()
                ? source.sizeBytes()
                : Math.min(volumes.allocatedBytes(volumeId), source.sizeBytes());
        ImageRecord record = sharing(ImageRecord.creating(
                id, source.sizeBytes(), provisioningOf(source), source.logicalBlockBytes(), origin, data));
        return maker.make(snapshots, reserve(snapshots, record, data), use);
    }

    /**
     * Where blocks are shared, a snapshot of a preallocated volume owes that volume its blocks; a copy owes nothing.
     */
    private Provisioning provisioningOf(ImageRecord source) {
        return traits.reflink() ? source.provisioning() : Provisioning.THIN;
    }

    ImageRecord ready(ImageStore store, String id) {
        ImageRecord record = store.get(id);
        if (record.state() != RecordState.READY) {
            throw new EngineException(Kind.FAILED_PRECONDITION, maker.notReady(store, record));
        }
        return record;
    }

    ImageRecord grow(ImageRecord record, long sizeBytes) {
        if (sizeBytes <= record.sizeBytes()) {
            return record;
        }
        checkSize(record.id(), sizeBytes, record.logicalBlockBytes());
        synchronized (this) {
            checkSpace(volumes.named(record.id()), sizeBytes - record.sizeBytes(), record.isPreallocated());
            return maker.extend(volumes, record, sizeBytes);
        }
    }

    void delete(ImageStore store, String id) {
        ImageRecord record = store.find(id);
        if (record == null) {
            return;
        }
        refuseWhileCopied(store, record);
        if (record.state() == RecordState.READY && store.isLocked(id)) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    store.named(id)
                            + " is in use: detach it, or end the process that has its image locked ('lslocks' names"
                            + " it)");
        }
        maker.remove(store, record);
    }

    private void refuseWhileCopied(ImageStore store, ImageRecord record) {
        Stream.concat(volumes.all().stream(), snapshots.all().stream())
                .filter(other -> other.state() == RecordState.COPYING || other.state() == RecordState.CREATING)
                .filter(other -> other.origin() != null
                        && other.origin().id().equals(record.id())
                        && maker.originStore(other.origin()) == store)
                .findAny()
                .ifPresent(other -> {
                    throw new EngineException(
                            Kind.FAILED_PRECONDITION,
                            store.named(record.id()) + " is being copied to " + other.id()
                                    + ": try again when that is ready");
                });
    }

    private synchronized ImageRecord reserve(ImageStore store, ImageRecord record, long bytes) {
        boolean now = record.isPreallocated() || record.origin() != null && !traits.reflink();
        checkSpace(store.named(record.id()), bytes, now);
        return store.put(record);
    }

    /**
     * @param now the bytes are written at once, so that no overcommitment helps
     */
    private void checkSpace(String what, long bytes, boolean now) {
        PoolSpace present = space.get();
        long available = now ? present.availableNow() : present.availableBytes();
        if (bytes > available) {
            throw new EngineException(
                    Kind.RESOURCE_EXHAUSTED,
                    "pool '" + pool + "' has no room for " + what + ": it needs " + ByteSize.print(bytes) + " and "
                            + ByteSize.print(available) + " are available (free " + ByteSize.print(present.freeBytes())
                            + ", kept free " + ByteSize.print(present.minFreeBytes()) + ", reserved "
                            + ByteSize.print(present.reservedBytes()) + ", overcommit " + present.overcommit()
                            + "): delete volumes or snapshots, give the pool a larger disk, or change minFree or"
                            + " overcommit");
        }
    }

    private static EngineException invalid(String message) {
        return new EngineException(Kind.INVALID_ARGUMENT, message);
    }
}
