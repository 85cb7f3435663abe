package io.ublkcsi.e2e;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The log of a dm-log-writes device: every write in the order in which it became durable, and marks between them. What
 * was written and not flushed is not in it yet (Documentation/admin-guide/device-mapper/log-writes.rst).
 */
final class WriteLog implements AutoCloseable {
    private static final long MAGIC = 0x6a736677736872L;
    private static final int SUPER_BYTES = 28;
    /** {@code struct log_write_entry}: sector, number of sectors, flags, length of the text; 8 bytes each. */
    private static final int ENTRY_BYTES = 32;

    private static final long FLUSH = 1;
    private static final long FUA = 2;
    private static final long DISCARD = 4;
    private static final long MARK = 8;
    private static final long METADATA = 16;

    private final FileChannel log;
    private final int sectorBytes;
    private final long entries;
    private final List<Entry> read = new ArrayList<>();
    private long writes;
    private long position;

    /**
     * One write, flush, discard or mark.
     *
     * @param data where in the log its data are
     * @param text a mark's, else empty
     */
    record Entry(long sector, long sectors, long flags, long data, String text) {
        boolean isMark() {
            return (flags & MARK) != 0;
        }

        /** Whether what came before it, or itself, has become durable with it. */
        boolean isBarrier() {
            return (flags & (FLUSH | FUA)) != 0;
        }

        private boolean isWrite() {
            return (flags & (DISCARD | MARK)) == 0 && sectors > 0;
        }

        @Override
        public String toString() {
            return (isMark() ? "mark " + text : "sector " + sector + ", " + sectors + " sectors")
                    + ((flags & FLUSH) != 0 ? ", flush" : "")
                    + ((flags & FUA) != 0 ? ", FUA" : "")
                    + ((flags & DISCARD) != 0 ? ", discard" : "")
                    + ((flags & METADATA) != 0 ? ", metadata" : "");
        }
    }

    WriteLog(Path file) {
        try {
            log = FileChannel.open(file, StandardOpenOption.READ);
            ByteBuffer header = bytes(0, SUPER_BYTES);
            if (header.getLong() != MAGIC || header.getLong() != 1) {
                throw new IllegalStateException(file + " is no log of dm-log-writes, version 1");
            }
            entries = header.getLong();
            sectorBytes = header.getInt();
            position = sectorBytes;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private ByteBuffer bytes(long at, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (log.read(buffer, at + buffer.position()) < 0) {
                throw new EOFException("the log ends at " + (at + buffer.position()));
            }
        }
        return buffer.flip();
    }

    /** Writes that were replayed so far. */
    long writes() {
        return writes;
    }

    /** Entries that were read so far, the marks among them. */
    int position() {
        return read.size();
    }

    boolean hasNext() {
        return read.size() < entries;
    }

    /** Brings a disk from where the last call left it to the moment of a mark. */
    void replayTo(String mark, FileChannel disk) {
        while (hasNext()) {
            Entry entry = replayNext(disk);
            if (entry.isMark() && entry.text().equals(mark)) {
                return;
            }
        }
        throw new AssertionError("the log has no mark " + mark + " behind the last one");
    }

    /** Brings a disk on by one entry, and answers that. */
    Entry replayNext(FileChannel disk) {
        try {
            ByteBuffer fields = bytes(position, ENTRY_BYTES);
            long sector = fields.getLong();
            long sectors = fields.getLong();
            long flags = fields.getLong();
            int textLength = Math.toIntExact(fields.getLong());
            String text = (flags & MARK) != 0
                    ? new String(bytes(position + ENTRY_BYTES, textLength).array(), StandardCharsets.US_ASCII)
                    : "";
            Entry entry = new Entry(sector, sectors, flags, position + sectorBytes, text.replace("\0", ""));
            read.add(entry);
            position = entry.data() + ((flags & DISCARD) == 0 ? sectors * sectorBytes : 0);
            if (entry.isWrite()) {
                copy(entry, disk);
            }
            return entry;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void copy(Entry entry, FileChannel disk) throws IOException {
        writes++;
        ByteBuffer data = bytes(entry.data(), Math.toIntExact(entry.sectors() * sectorBytes));
        while (data.hasRemaining()) {
            disk.write(data, entry.sector() * sectorBytes + data.position());
        }
    }

    /**
     * The entries of a part of the log, a line each: number, place, length, flags, and where in this part the same
     * sectors are written again.
     */
    String describe(int from, int to) {
        StringBuilder lines = new StringBuilder();
        for (int i = Math.max(0, from); i < Math.min(to, read.size()); i++) {
            lines.append("  ").append(i).append(": ").append(read.get(i));
            for (int j = i + 1; j < Math.min(to, read.size()); j++) {
                if (overlap(read.get(i), read.get(j))) {
                    lines.append(", again at ").append(j);
                    break;
                }
            }
            lines.append('\n');
        }
        return lines.toString();
    }

    private static boolean overlap(Entry one, Entry other) {
        return one.isWrite()
                && other.isWrite()
                && one.sector() < other.sector() + other.sectors()
                && other.sector() < one.sector() + one.sectors();
    }

    @Override
    public void close() {
        try {
            log.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
