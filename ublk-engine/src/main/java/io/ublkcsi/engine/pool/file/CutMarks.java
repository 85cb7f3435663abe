package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.backend.cut.CutMap;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks a copy has of a volume that may change meanwhile, in the file {@code ID.cut} beside the copy: the boot's
 * id, and a byte for each chunk. Lets the next engine go on with the copy. Not flushed: after a crash of the machine
 * nobody can tell what of the copy reached the disk, and the boot's id is another one. One thread.
 */
final class CutMarks implements AutoCloseable {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final byte COPIED = 1;
    private static final int READ_BYTES = 1 << 16;

    private final int fd;
    private final long headerBytes;
    private final MemorySegment mark = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, COPIED);

    private CutMarks(int fd, long headerBytes) {
        this.fd = fd;
        this.headerBytes = headerBytes;
    }

    static CutMarks create(ImageStore store, String id) {
        byte[] header = bootId();
        int fd = store.createMarks(id);
        try (Arena arena = Arena.ofConfined()) {
            long written = Linux.pwrite(fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, header), 0);
            FileErrors.check("noting the copy to " + store.named(id), written < header.length ? full(written) : 0);
            return new CutMarks(fd, header.length);
        } catch (RuntimeException failure) {
            Linux.close(fd);
            throw failure;
        }
    }

    /** Goes on with a copy: {@code map} is told what it has. Null when there is no telling. */
    static @Nullable CutMarks open(ImageStore store, String id, CutMap map) {
        int fd = store.openMarks(id);
        if (fd < 0) {
            return null;
        }
        byte[] header = bootId();
        CutMarks marks = new CutMarks(fd, header.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(READ_BYTES);
            long length = Linux.pread(fd, buffer.asSlice(0, header.length), 0);
            if (length == header.length && buffer.asSlice(0, length).mismatch(MemorySegment.ofArray(header)) < 0) {
                marks.read(buffer, map);
                return marks;
            }
        }
        marks.close();
        return null;
    }

    private void read(MemorySegment buffer, CutMap map) {
        int chunk = 0;
        long length;
        do {
            length = Linux.pread(fd, buffer, headerBytes + chunk);
            FileErrors.check("reading how far a copy has come", length);
            for (int i = 0; i < length; i++, chunk++) {
                if (buffer.get(ValueLayout.JAVA_BYTE, i) == COPIED) {
                    map.mark(chunk);
                }
            }
        } while (length > 0);
    }

    /** Survives this process when it returns. */
    void mark(int chunk) {
        long written = Linux.pwrite(fd, mark, headerBytes + chunk);
        FileErrors.check("noting how far a copy has come", written < 1 ? full(written) : 0);
    }

    private static long full(long written) {
        return written < 0 ? written : -Errno.ENOSPC;
    }

    private static byte[] bootId() {
        try {
            return Files.readString(BOOT_ID).getBytes(StandardCharsets.US_ASCII);
        } catch (IOException failure) {
            throw new UncheckedIOException("reading the boot's id", failure);
        }
    }

    @Override
    public void close() {
        Linux.close(fd);
    }
}
