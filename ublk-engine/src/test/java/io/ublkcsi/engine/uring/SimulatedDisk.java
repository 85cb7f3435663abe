package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Linux;
import java.lang.foreign.MemorySegment;

/**
 * A file opened for direct I/O on a disk with a volatile cache: what is written is read back at once, but is on the
 * disk only after an fsync or with RWF_DSYNC; {@link #crash} takes the rest away. Knows which of its blocks are
 * allocated.
 */
public final class SimulatedDisk implements SimulatedFile {
    private static final int SECTOR_BYTES = 512;
    private static final int BLOCK_BYTES = 4096;

    private static final int PUNCH = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
    private static final int ZERO_RANGE = Linux.FALLOC_FL_ZERO_RANGE | Linux.FALLOC_FL_KEEP_SIZE;

    private final SimulatedUring kernel;
    private final SeededRandom random;
    private final long sizeBytes;
    private final int alignBytes;
    private final MemorySegment cached;
    private final MemorySegment durable;
    private final SectorSet dirty;
    private final SectorSet allocated;
    private boolean zeroesRanges = true;
    private int failWith;
    private long failFrom;
    private long failTo;
    private boolean released;
    private long syncs;

    /**
     * @param sizeBytes a multiple of 4096
     * @param alignBytes of offset and length; others are refused, as by a disk
     */
    public SimulatedDisk(SimulatedUring kernel, long sizeBytes, int alignBytes) {
        this.kernel = kernel;
        this.random = kernel.random();
        this.sizeBytes = sizeBytes;
        this.alignBytes = alignBytes;
        this.cached = kernel.pages(sizeBytes);
        this.durable = kernel.pages(sizeBytes);
        this.dirty = new SectorSet((int) (sizeBytes / SECTOR_BYTES));
        this.allocated = new SectorSet((int) (sizeBytes / BLOCK_BYTES));
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** What a read would show. */
    public MemorySegment content() {
        return cached;
    }

    public long allocatedBytes() {
        return (long) allocated.count() * BLOCK_BYTES;
    }

    /** fsync and fdatasync so far. */
    public long syncs() {
        return syncs;
    }

    /** Nobody holds the file any more. */
    public boolean isReleased() {
        return released;
    }

    /** From now on, fallocate with ZERO_RANGE answers EOPNOTSUPP, as on file systems that have no such call. */
    public void forgetZeroRange() {
        zeroesRanges = false;
    }

    /**
     * From now on, whatever touches these bytes, and every sync when they are the whole file, fails; errno positive.
     */
    public void fail(long fromBytes, long toBytes, int errno) {
        failFrom = fromBytes;
        failTo = toBytes;
        failWith = errno;
    }

    /**
     * Power is lost. Of what was not durable, each piece of {@code pieceBytes} has reached the disk or has not, as
     * the seed says.
     *
     * @param pieceBytes 512 or 4096
     * @param survivePermille of the pieces
     */
    public void crash(int pieceBytes, int survivePermille) {
        int pieceSectors = pieceBytes / SECTOR_BYTES;
        for (int sector = dirty.next(0); sector >= 0; ) {
            int end = (sector / pieceSectors + 1) * pieceSectors;
            if (random.chance(survivePermille)) {
                store(sector, end);
            }
            sector = dirty.next(end);
        }
        dirty.remove(0, (int) (sizeBytes / SECTOR_BYTES));
        Absolute.copy(durable.address(), cached.address(), sizeBytes);
    }

    private void store(int from, int to) {
        for (int sector = dirty.next(from); sector >= 0 && sector < to; sector = dirty.next(sector + 1)) {
            long at = (long) sector * SECTOR_BYTES;
            Absolute.copy(cached.address() + at, durable.address() + at, SECTOR_BYTES);
            dirty.remove(sector, sector + 1);
        }
    }

    @Override
    public void released() {
        released = true;
    }

    @Override
    public int execute(SimulatedRing ring, int entry) {
        int opcode = ring.opcode(entry);
        if (random.chance(kernel.faults().ioError())) {
            return -Errno.EIO;
        }
        return switch (opcode) {
            case Sqe.READ, Sqe.READ_FIXED -> transfer(ring, entry, false);
            case Sqe.WRITE, Sqe.WRITE_FIXED -> transfer(ring, entry, true);
            case Sqe.READV -> vector(ring, entry, false);
            case Sqe.WRITEV -> vector(ring, entry, true);
            case Sqe.FSYNC -> sync();
            case Sqe.FALLOCATE -> allocate(ring.length(entry), ring.offset(entry), ring.address(entry));
            default -> -Errno.EOPNOTSUPP;
        };
    }

    private int sync() {
        if (failWith != 0 && failFrom == 0 && failTo >= sizeBytes) {
            return -failWith;
        }
        syncs++;
        store(0, (int) (sizeBytes / SECTOR_BYTES));
        return 0;
    }

    private boolean fails(long offset, long length) {
        return failWith != 0 && offset < failTo && offset + length > failFrom;
    }

    private int transfer(SimulatedRing ring, int entry, boolean write) {
        long data = ring.data(entry);
        return data < 0
                ? (int) data
                : transfer(data, ring.offset(entry), ring.length(entry), ring.opFlags(entry), write);
    }

    /** May end between two pieces, or within one, as the seed says. */
    private int vector(SimulatedRing ring, int entry, boolean write) {
        int done = 0;
        for (int piece = 0; piece < ring.length(entry); piece++) {
            long at = ring.pieceAt(entry, piece);
            int length = (int) Absolute.getLong(at + Iovec.IOV_LEN);
            long data = Absolute.getLong(at + Iovec.IOV_BASE);
            int result = transfer(data, ring.offset(entry) + done, length, ring.opFlags(entry), write);
            if (result < 0) {
                return done > 0 ? done : result;
            }
            done += result;
            if (result < length) {
                return done;
            }
        }
        return done;
    }

    private int transfer(long data, long offset, int length, int opFlags, boolean write) {
        if (offset < 0 || offset % alignBytes != 0 || length % alignBytes != 0) {
            return -Errno.EINVAL;
        }
        if (fails(offset, length)) {
            return -failWith;
        }
        int bytes = (int) Math.min(shorten(length), Math.max(0, sizeBytes - offset));
        if (write) {
            write(data, offset, bytes, (opFlags & Sqe.RWF_DSYNC) != 0);
        } else {
            Absolute.copy(cached.address() + offset, data, bytes);
        }
        return bytes;
    }

    private int shorten(int length) {
        if (length <= alignBytes || !random.chance(kernel.faults().shortTransfer())) {
            return length;
        }
        return alignBytes * (1 + random.below(length / alignBytes - 1));
    }

    private void write(long data, long offset, int bytes, boolean atOnce) {
        Absolute.copy(data, cached.address() + offset, bytes);
        changed(offset, bytes);
        allocated.add((int) (offset / BLOCK_BYTES), (int) ((offset + bytes + BLOCK_BYTES - 1) / BLOCK_BYTES));
        if (atOnce) {
            store((int) (offset / SECTOR_BYTES), (int) ((offset + bytes) / SECTOR_BYTES));
        }
    }

    private void changed(long offset, long bytes) {
        dirty.add((int) (offset / SECTOR_BYTES), (int) ((offset + bytes) / SECTOR_BYTES));
    }

    private int allocate(int mode, long offset, long bytes) {
        if (offset < 0 || bytes <= 0 || offset + bytes > sizeBytes) {
            return -Errno.EINVAL;
        }
        if (mode != PUNCH && (mode != ZERO_RANGE || !zeroesRanges)) {
            return -Errno.EOPNOTSUPP;
        }
        if (fails(offset, bytes)) {
            return -failWith;
        }
        Absolute.zero(cached.address() + offset, bytes);
        changed(offset, bytes);
        int firstWhole = (int) ((offset + BLOCK_BYTES - 1) / BLOCK_BYTES);
        int endWhole = (int) ((offset + bytes) / BLOCK_BYTES);
        if (mode == PUNCH && firstWhole < endWhole) {
            allocated.remove(firstWhole, endWhole);
        } else if (mode == ZERO_RANGE) {
            allocated.add((int) (offset / BLOCK_BYTES), (int) ((offset + bytes + BLOCK_BYTES - 1) / BLOCK_BYTES));
        }
        return 0;
    }
}
