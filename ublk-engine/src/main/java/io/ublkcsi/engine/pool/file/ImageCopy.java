package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.backend.cut.CutMap;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Copies an image's data into an empty one, chunk by chunk, and leaves its holes alone. Run once, on any thread, which
 * it blocks.
 */
final class ImageCopy implements Runnable, AutoCloseable {
    private final int source;
    private final int target;
    private final CutMap map;
    private final @Nullable CutMarks marks;
    private long holeBegin;
    private long holeEnd;
    private volatile boolean cancelled;

    /**
     * @param source the copy's to close; a chunk of it changes only after {@code map} has it marked
     * @param target the copy's to close; at least as large, reads as zeroes where the map says that nothing is copied
     * @param marks where what is copied is noted for the next engine, the copy's to close; null when nobody changes the
     *     source, so that it can be copied anew
     */
    ImageCopy(int source, int target, CutMap map, @Nullable CutMarks marks) {
        this.source = source;
        this.target = target;
        this.map = map;
        this.marks = marks;
    }

    int progressPercent() {
        return map.progressPercent();
    }

    /** The copy ends soon, with an ABORTED. */
    void cancel() {
        cancelled = true;
    }

    /** Durable when it returns. */
    @Override
    public void run() {
        MemorySegment buffer = Memory.allocatePages(CutMap.CHUNK_BYTES);
        try {
            for (int chunk = map.next(); chunk != CutMap.NONE; chunk = map.next()) {
                if (cancelled) {
                    throw new EngineException(Kind.ABORTED, "the copy was called off");
                }
                copy(CutMap.beginOf(chunk), map.endOf(chunk), buffer);
                if (marks != null) {
                    marks.mark(chunk);
                }
                map.mark(chunk);
            }
            FileErrors.check("making a copied image durable", Linux.fsync(target));
        } finally {
            Memory.freePages(buffer);
        }
    }

    private void copy(long begin, long end, MemorySegment buffer) {
        long hole = begin;
        for (long data = nextData(hole); data < end; data = nextData(hole)) {
            hole = Math.min(end, seek(data, Linux.SEEK_HOLE, end));
            copyRange(data, buffer.asSlice(0, hole - data));
        }
    }

    /** A hole that was found stays one until its chunks are marked, so that it is looked for once. */
    private long nextData(long from) {
        if (from < holeBegin || from >= holeEnd) {
            holeBegin = from;
            holeEnd = seek(from, Linux.SEEK_DATA, Long.MAX_VALUE);
        }
        return holeEnd;
    }

    private long seek(long from, int whence, long none) {
        long found = Linux.lseek(source, from, whence);
        if (found == -Errno.ENXIO) {
            return none;
        }
        FileErrors.check("looking for an image's data", found);
        return found;
    }

    private void copyRange(long at, MemorySegment data) {
        FileErrors.check("reading an image to copy it", read(data, at));
        FileErrors.check("writing a copied image", write(data, at));
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

    @Override
    public void close() {
        Linux.close(target);
        Linux.close(source);
        if (marks != null) {
            marks.close();
        }
    }
}
