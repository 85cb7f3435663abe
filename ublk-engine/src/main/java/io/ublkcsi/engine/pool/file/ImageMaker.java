package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.backend.cut.CutGate;
import io.ublkcsi.engine.backend.cut.CutMap;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.VolumeUse;
import io.ublkcsi.engine.sys.FileStatus;
import io.ublkcsi.engine.sys.Linux;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets bytes into images: none, an origin's shared blocks, or a copy of them. An image's record is there before the
 * image and says READY after its bytes are durable, so that whatever a crash leaves behind can be told apart. Any
 * thread, one an image.
 */
final class ImageMaker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageMaker.class);
    /** A copy that ends sooner is waited for. */
    private static final long PATIENCE_MS = 1000;

    private final ImageStore volumes;
    private final ImageStore snapshots;
    private final PoolTraits traits;
    private final Copies copies;
    private final ConcurrentMap<String, CutGate> gates = new ConcurrentHashMap<>();
    private volatile boolean closing;

    ImageMaker(String pool, ImageStore volumes, ImageStore snapshots, PoolTraits traits) {
        this.volumes = volumes;
        this.snapshots = snapshots;
        this.traits = traits;
        this.copies = new Copies(pool);
    }

    /** What the changes of a volume go through. */
    CutGate gate(String volumeId) {
        return gates.computeIfAbsent(volumeId, _ -> new CutGate());
    }

    ImageStore originStore(Origin origin) {
        return origin.kind() == Origin.Kind.VOLUME ? volumes : snapshots;
    }

    /**
     * Makes the image of a record that says CREATING; when that fails, neither is left.
     *
     * @return the record as it is afterwards: READY, or COPYING when it takes long
     */
    ImageRecord make(ImageStore store, ImageRecord record, VolumeUse origin) {
        try {
            if (record.origin() == null) {
                return blank(store, record);
            }
            return traits.reflink() ? clone(store, record, origin) : copyPatiently(store, record);
        } catch (RuntimeException failure) {
            undo(store, record, failure);
            throw failure;
        }
    }

    private static void undo(ImageStore store, ImageRecord record, RuntimeException failure) {
        try {
            store.remove(record);
        } catch (RuntimeException second) {
            failure.addSuppressed(second);
        }
    }

    private ImageRecord blank(ImageStore store, ImageRecord record) {
        int fd = store.createImage(record.id(), 0);
        try {
            setSize(store, record, fd);
        } finally {
            Linux.close(fd);
        }
        return store.put(record.withState(RecordState.READY));
    }

    /** Brings an image to its record's size, its blocks allocated if it is preallocated, and makes that durable. */
    private static void setSize(ImageStore store, ImageRecord record, int fd) {
        String what = "giving " + store.named(record.id()) + " its " + record.sizeBytes() + " bytes";
        FileErrors.check(what, Linux.ftruncate(fd, record.sizeBytes()));
        if (record.isPreallocated()) {
            FileErrors.check(what, Linux.fallocate(fd, 0, 0, record.sizeBytes()));
        }
        FileErrors.check(what, Linux.fsync(fd));
        store.folder().sync();
    }

    private ImageRecord clone(ImageStore store, ImageRecord record, VolumeUse origin) {
        int source = originStore(record.madeFrom()).openImage(record.madeFrom().id(), Linux.O_RDONLY);
        try {
            int target = store.createImage(record.id(), 0);
            try {
                ImageRecord cut = share(store, record, origin, source, target);
                setSize(store, record, target);
                return store.put(cut.withState(RecordState.READY));
            } finally {
                Linux.close(target);
            }
        } finally {
            Linux.close(source);
        }
    }

    private static ImageRecord share(ImageStore store, ImageRecord record, VolumeUse origin, int source, int target) {
        long startNs = System.nanoTime();
        long[] momentMs = new long[1];
        origin.whileHeld(() -> {
            momentMs[0] = System.currentTimeMillis();
            FileErrors.check(
                    "sharing the blocks of " + record.origin() + " with " + store.named(record.id()),
                    Linux.ioctl(target, Linux.FICLONE, source));
        });
        return record.cutAt(momentMs[0], System.nanoTime() - startNs);
    }

    private ImageRecord copyPatiently(ImageStore store, ImageRecord record) {
        if (originStore(record.madeFrom()) == volumes) {
            cut(store, record);
        } else {
            copy(store, record);
        }
        copies.await(copyName(store, record), PATIENCE_MS, TimeUnit.MILLISECONDS);
        return store.get(record.id());
    }

    /** Copies a snapshot, which nobody changes. */
    private void copy(ImageStore store, ImageRecord record) {
        String origin = record.madeFrom().id();
        ImageOpener opener = new ImageOpener(snapshots, traits);
        int source = opener.openSource(origin);
        int target = -1;
        try {
            opener.lockSource(source, origin);
            ImageRecord copying = store.put(record.withState(RecordState.COPYING));
            target = store.createImage(record.id(), opener.directFlag());
            setSize(store, record, target);
            long bytes = Math.min(FileStatus.of(source).sizeBytes(), record.sizeBytes());
            ImageCopy copy = new ImageCopy(source, target, new CutMap(bytes), null);
            copies.start(copyName(store, record), copy, false, failure -> ended(store, copying, failure));
        } catch (RuntimeException failure) {
            close(source, target);
            throw failure;
        }
    }

    /**
     * Copies a volume as it is now, whether or not somebody changes it meanwhile. The record says COPYING last: before
     * that, a crash leaves nothing that anybody was told of.
     */
    private void cut(ImageStore store, ImageRecord record) {
        String origin = record.madeFrom().id();
        ImageOpener opener = new ImageOpener(volumes, traits);
        CutMap map = new CutMap(cutBytes(record));
        CutGate gate = gate(origin);
        int source = opener.openSource(origin);
        int target = -1;
        CutMarks marks = null;
        try {
            target = store.createImage(record.id(), opener.directFlag());
            setSize(store, record, target);
            marks = CutMarks.create(store, record.id());
            long momentMs = System.currentTimeMillis();
            gate.cut(map, () -> {
                opener.lockSource(source, origin);
                Linux.flock(source, Linux.LOCK_UN);
            });
            ImageRecord copying = store.put(record.cutAt(momentMs, 0).withState(RecordState.COPYING));
            start(store, copying, new ImageCopy(source, target, map, marks), gate, map);
        } catch (RuntimeException failure) {
            gate.end(map);
            close(source, target);
            if (marks != null) {
                marks.close();
            }
            throw failure;
        }
    }

    private static void close(int source, int target) {
        Linux.close(source);
        if (target >= 0) {
            Linux.close(target);
        }
    }

    private long cutBytes(ImageRecord record) {
        return Math.min(volumes.get(record.madeFrom().id()).sizeBytes(), record.sizeBytes());
    }

    private void start(ImageStore store, ImageRecord copying, ImageCopy copy, CutGate gate, CutMap map) {
        copies.start(copyName(store, copying), copy, true, failure -> {
            // A pool that closes leaves the gate shut: what is not copied yet must not change before the next engine.
            if (!closing) {
                gate.end(map);
            }
            ended(store, copying, failure);
        });
    }

    private static void ended(ImageStore store, ImageRecord record, @Nullable RuntimeException failure) {
        try {
            if (failure == null) {
                store.put(record.withState(RecordState.READY));
                store.dropMarks(record.id());
            } else if (!isCalledOff(failure)) {
                failed(store, record, String.valueOf(failure.getMessage()));
            }
        } catch (RuntimeException second) {
            LOG.error(
                    "the end of the copy to {} could not be noted; the next start of the engine goes on with it",
                    store.named(record.id()),
                    second);
        }
    }

    private static void failed(ImageStore store, ImageRecord record, String why) {
        LOG.error("copying {} to {} failed: {}", record.origin(), store.named(record.id()), why);
        store.put(record.failed("copying " + record.origin() + " failed: " + why));
        store.dropImage(record.id());
    }

    private static boolean isCalledOff(RuntimeException failure) {
        return failure instanceof EngineException known && known.kind() == Kind.ABORTED;
    }

    private static String copyName(ImageStore store, ImageRecord record) {
        return store.named(record.id());
    }

    /** 0 to 100. */
    int progressPercent(ImageStore store, ImageRecord record) {
        return switch (record.state()) {
            case READY -> 100;
            case COPYING -> copies.progressPercent(copyName(store, record));
            case CREATING, FAILED, DELETING -> 0;
        };
    }

    /** Why an image can't be used yet, or any more. */
    String notReady(ImageStore store, ImageRecord record) {
        String named = store.named(record.id());
        return switch (record.state()) {
            case FAILED -> named + " could not be made (" + record.reason() + "): delete it, and make it anew";
            case DELETING -> named + " is being deleted: delete it again to finish that";
            case READY, CREATING, COPYING ->
                named + " is still being made, " + progressPercent(store, record)
                        + " % so far: try again when it is ready";
        };
    }

    /** Removes an image, its record, and a copy under way into it. */
    void remove(ImageStore store, ImageRecord record) {
        copies.cancel(copyName(store, record));
        store.remove(record);
        if (store == volumes) {
            gates.remove(record.id());
        }
    }

    /** Ends or undoes what an engine that died had begun; before anybody else uses the pool. */
    void finishInterrupted() {
        for (ImageStore store : new ImageStore[] {volumes, snapshots}) {
            for (ImageRecord record : store.all()) {
                switch (record.state()) {
                    case CREATING, DELETING -> {
                        LOG.info("removing {}, which was left {}", store.named(record.id()), record.state());
                        store.remove(record);
                    }
                    case COPYING -> goOn(store, record);
                    case READY -> {
                        store.dropMarks(record.id());
                        adoptGrowth(store, record);
                    }
                    case FAILED -> store.dropImage(record.id());
                }
            }
        }
    }

    private void goOn(ImageStore store, ImageRecord record) {
        LOG.info(
                "going on with copying {} to {}: the engine ended in the midst of it",
                record.origin(),
                store.named(record.id()));
        try {
            if (originStore(record.madeFrom()) == volumes) {
                goOnWithCut(store, record);
            } else {
                store.dropImage(record.id());
                copy(store, record);
            }
        } catch (EngineException failure) {
            failed(store, record, failure.getMessage());
        }
    }

    /** What the volume was at that moment is in the copy, or, where the marks say that it is not yet, in the volume. */
    private void goOnWithCut(ImageStore store, ImageRecord record) {
        ImageOpener opener = new ImageOpener(volumes, traits);
        String origin = record.madeFrom().id();
        CutMap map = new CutMap(cutBytes(record));
        CutMarks marks = CutMarks.open(store, record.id(), map);
        if (marks == null) {
            throw new EngineException(
                    Kind.ABORTED,
                    "the machine went down meanwhile, and " + record.origin()
                            + " may have changed since: make it anew");
        }
        int source = opener.openSource(origin);
        int target = store.openImage(record.id(), Linux.O_RDWR | opener.directFlag());
        CutGate gate = gate(origin);
        gate.cut(map, () -> {});
        start(store, record, new ImageCopy(source, target, map, marks), gate, map);
    }

    /** A volume's image is extended before its record says so. */
    private static void adoptGrowth(ImageStore store, ImageRecord record) {
        FileStatus status = store.imageStatus(record.id());
        if (status != null && status.isRegular() && status.sizeBytes() > record.sizeBytes()) {
            long bytes = status.sizeBytes() - status.sizeBytes() % record.logicalBlockBytes();
            store.put(record.withSize(bytes));
        }
    }

    /** Extends an image, then its record. */
    ImageRecord extend(ImageStore store, ImageRecord record, long sizeBytes) {
        ImageRecord grown = record.withSize(sizeBytes);
        int fd = store.openImage(record.id(), Linux.O_RDWR);
        try {
            setSize(store, grown, fd);
        } finally {
            Linux.close(fd);
        }
        return store.put(grown);
    }

    @Override
    public void close() {
        closing = true;
        copies.close();
    }
}
