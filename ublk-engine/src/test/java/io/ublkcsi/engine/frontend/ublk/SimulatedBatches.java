package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.uring.Absolute;
import io.ublkcsi.engine.uring.SimulatedFile;
import io.ublkcsi.engine.uring.SimulatedRing;

/** The commands for many tags, as drivers/block/ublk_drv.c of 7.2 treats them; the tags are their owner's. */
final class SimulatedBatches {
    private static final int NONE = -1;
    private static final int TAG_BYTES = 2;
    private static final int MAX_TAGS = 128;
    private static final int MULTISHOT = 1 << 1;

    /** What is done to a tag, by its owner; 0 or {@code -errno}. */
    interface Tags {
        int prepare(SimulatedRing ring, int tag, int buffer, boolean fallback);

        int commit(SimulatedRing ring, int tag, int buffer, boolean fallback, int result);

        /** The server is about to hear of the tag's request. */
        void hand(SimulatedRing ring, int tag);
    }

    private final Tags tags;
    private final SeededRandom random;
    private final int depth;
    private final int[] waiting;
    private int waitingCount;
    private SimulatedRing ring;
    private int fetch = NONE;

    SimulatedBatches(Tags tags, SeededRandom random, int depth) {
        this.tags = tags;
        this.random = random;
        this.depth = depth;
        this.waiting = new int[depth];
    }

    /** A request of the block device's users, of which the server is to hear. */
    void add(int tag) {
        waiting[waitingCount++] = tag;
    }

    int execute(SimulatedRing onRing, int entry, boolean stopping) {
        return switch (onRing.command(entry) & 0xff) {
            case 0x25, 0x26 -> walk(onRing, entry);
            case 0x27 -> fetch(onRing, entry, stopping);
            default -> -Errno.EOPNOTSUPP;
        };
    }

    /** {@code ublk_walk_cmd_buf}: prepares or commits each element; a commit answers how many bytes it got through. */
    private int walk(SimulatedRing onRing, int entry) {
        boolean commits = (onRing.command(entry) & 0xff) == 0x26;
        long word = onRing.word0(entry);
        int count = (int) (word >>> 32) & 0xffff;
        boolean fallback = (word >>> 16 & 0xffff) == BatchCommand.AUTO_BUF_REG_FALLBACK;
        if (count > depth || (word >>> 48 & 0xff) != BatchElement.LENGTH) {
            return -Errno.EINVAL;
        }
        int done = 0;
        int refused = 0;
        while (done < count && refused == 0) {
            long element = Absolute.getLong(onRing.address(entry) + (long) done * BatchElement.LENGTH);
            int tag = (int) element & 0xffff;
            int buffer = (int) (element >>> 16) & 0xffff;
            refused = commits
                    ? tags.commit(onRing, tag, buffer, fallback, (int) (element >>> 32))
                    : tags.prepare(onRing, tag, buffer, fallback);
            done += refused == 0 ? 1 : 0;
        }
        if (!commits || done == 0) {
            return refused;
        }
        return done * BatchElement.LENGTH;
    }

    private int fetch(SimulatedRing onRing, int entry, boolean stopping) {
        long word = onRing.word0(entry);
        if (onRing.opFlags(entry) != MULTISHOT || word >>> 48 != TAG_BYTES || (word >>> 16 & 0xffff) != 0) {
            return -Errno.EINVAL;
        }
        if (stopping || fetch != NONE) {
            return stopping ? -Errno.ENODEV : -Errno.EBUSY;
        }
        ring = onRing;
        fetch = entry;
        return SimulatedFile.PENDING;
    }

    /** {@code __ublk_batch_dispatch}: tells the server of some of what waits; false when there is nothing to do. */
    boolean act() {
        if (fetch == NONE || waitingCount == 0) {
            return false;
        }
        long buffer = ring.providedBuffer(fetch);
        if (buffer == 0) {
            end(-Errno.ENOBUFS);
            return true;
        }
        int most = Math.min(MAX_TAGS, ring.providedLength(fetch) / TAG_BYTES);
        int count = Math.min(most, 1 + random.below(waitingCount));
        for (int i = 0; i < count; i++) {
            int tag = waiting[i];
            tags.hand(ring, tag);
            Absolute.setShort(buffer + (long) i * TAG_BYTES, tag);
        }
        waitingCount -= count;
        System.arraycopy(waiting, count, waiting, 0, waitingCount);
        ring.finishMoreInBuffer(fetch, count * TAG_BYTES);
        return true;
    }

    /** {@code ublk_batch_cancel_queue}. */
    boolean cancel() {
        boolean any = fetch != NONE;
        if (any) {
            end(-Errno.ENODEV);
        }
        return any;
    }

    private void end(int result) {
        int ended = fetch;
        fetch = NONE;
        ring.finish(ended, result);
    }
}
