package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/** Copies an image's data into an empty one and leaves its holes alone. Run once, on any thread, which it blocks. */
final class ImageCopy implements Runnable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final int source;
    private final int target;
    private final long sizeBytes;
    private volatile long position;
    private volatile boolean cancelled;

    /**
     * @param source open for as long as the copy runs; nobody writes to it meanwhile
     * @param target at least as large, reads as zeroes
     * @param sizeBytes of the source
     */
    ImageCopy(int source, int target, long sizeBytes) {
        this.source = source;
        this.target = target;
        this.sizeBytes = sizeBytes;
    }

    int progressPercent() {
        return (int) (position * 100.0 / sizeBytes);
    }

    /** The copy ends soon, with an ABORTED. */
    void cancel() {
        cancelled = true;
    }

    /** Durable when it returns. */
    @Override
    public void run() {
        MemorySegment buffer = Memory.allocatePages(CHUNK_BYTES);
        try {
            long hole = 0;
            for (long data = nextData(hole); data < sizeBytes; data = nextData(hole)) {
                hole = Math.min(sizeBytes, seek(data, Linux.SEEK_HOLE));
                copyRange(data, hole, buffer);
            }
            position = sizeBytes;
            FileErrors.check("making a copied image durable", Linux.fsync(target));
        } finally {
            Memory.freePages(buffer);
        }
    }

    private long nextData(long from) {
        return from >= sizeBytes ? sizeBytes : seek(from, Linux.SEEK_DATA);
    }

    private long seek(long from, int whence) {
        long found = Linux.lseek(source, from, whence);
        if (found == -Errno.ENXIO) {
            return sizeBytes;
        }
        FileErrors.check("looking for an image's data", found);
        return found;
    }

    private void copyRange(long from, long to, MemorySegment buffer) {
        for (long at = from; at < to; ) {
            if (cancelled) {
                throw new EngineException(Kind.ABORTED, "the copy was called off");
            }
            MemorySegment chunk = buffer.asSlice(0, Math.min(CHUNK_BYTES, to - at));
            FileErrors.check("reading an image to copy it", read(chunk, at));
            FileErrors.check("writing a copied image", write(chunk, at));
            at += chunk.byteSize();
            position = at;
        }
    }

    private long read(MemorySegment chunk, long offset) {
        long done = 0;
        while (done < chunk.byteSize()) {
            long result = Linux.pread(source, chunk.asSlice(done), offset + done);
            if (result <= 0) {
                return result == 0 ? -Errno.EIO : result;
            }
            done += result;
        }
        return done;
    }

    private long write(MemorySegment chunk, long offset) {
        long done = 0;
        while (done < chunk.byteSize()) {
            long result = Linux.pwrite(target, chunk.asSlice(done), offset + done);
            if (result <= 0) {
                return result == 0 ? -Errno.EIO : result;
            }
            done += result;
        }
        return done;
    }
}
