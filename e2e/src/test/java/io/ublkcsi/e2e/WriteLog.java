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

/**
 * The log of a dm-log-writes device: every write in the order in which it became durable, and marks between them. What
 * was written and not flushed is not in it yet (Documentation/admin-guide/device-mapper/log-writes.rst).
 */
final class WriteLog implements AutoCloseable {
    private static final long MAGIC = 0x6a736677736872L;
    private static final int SUPER_BYTES = 28;
    /** {@code struct log_write_entry}: sector, number of sectors, flags, length of the text; 8 bytes each. */
    private static final int ENTRY_BYTES = 32;

    private static final long DISCARD = 4;
    private static final long MARK = 8;

    private final FileChannel log;
    private final int sectorBytes;
    private final long entries;
    private long read;
    private long writes;
    private long position;

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

    /** Brings a disk from where the last call left it to the moment of a mark. */
    void replayTo(String mark, FileChannel disk) {
        try {
            while (read < entries) {
                read++;
                ByteBuffer entry = bytes(position, ENTRY_BYTES);
                long offset = entry.getLong() * sectorBytes;
                long length = entry.getLong() * sectorBytes;
                long flags = entry.getLong();
                int textLength = Math.toIntExact(entry.getLong());
                long data = position + sectorBytes;
                position = data + ((flags & DISCARD) == 0 ? length : 0);
                if ((flags & MARK) != 0) {
                    byte[] text =
                            bytes(data - sectorBytes + ENTRY_BYTES, textLength).array();
                    if (mark.equals(new String(text, StandardCharsets.US_ASCII).replace("\0", ""))) {
                        return;
                    }
                } else if ((flags & DISCARD) == 0 && length > 0) {
                    copy(data, offset, length, disk);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        throw new AssertionError("the log has no mark " + mark + " behind the last one");
    }

    private void copy(long from, long to, long length, FileChannel disk) throws IOException {
        writes++;
        ByteBuffer data = bytes(from, Math.toIntExact(length));
        while (data.hasRemaining()) {
            disk.write(data, to + data.position());
        }
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
