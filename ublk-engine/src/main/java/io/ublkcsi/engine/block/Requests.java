package io.ublkcsi.engine.block;

import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;
import java.util.Arrays;

/**
 * The requests of one queue, a tag each: parallel arrays, so that none is an object, of few words, because each access
 * is checked against its array's length. The frontend fills a tag in before it hands it to the backend; nobody writes
 * to it until the backend has completed it. Owned by the queue's thread.
 */
public final class Requests {
    /** The write is durable before it is acknowledged. */
    public static final int FUA = 1;
    /** Zeroed blocks stay allocated. */
    public static final int NO_UNMAP = 2;

    /** A kernel's block layer counts in these. */
    public static final int SECTOR_BYTES = 512;
    /** {@link #buffer}: the data has an address, but no fixed buffer. */
    public static final int NO_BUFFER = -1;

    /** Bits 0 to 7: operation; 8 to 31: flags; 32 to 63: length. */
    private final long[] shape;

    private final long[] offset;
    private final long[] address;
    /** Bits 0 to 31: buffer; 32 to 63: pieces. */
    private final long[] place;

    public Requests(int depth) {
        shape = new long[depth];
        offset = new long[depth];
        address = new long[depth];
        place = new long[depth];
        Arrays.fill(place, word(NO_BUFFER, 0));
    }

    private static long word(int low, int high) {
        return (long) high << 32 | low & 0xffffffffL;
    }

    public int depth() {
        return shape.length;
    }

    /**
     * @param operationCode -128 to 127
     * @param flagBits of 24 bits
     */
    public void set(int tag, int operationCode, int flagBits, long offsetBytes, int lengthBytes) {
        shape[tag] = word(flagBits << 8 | operationCode & 0xff, lengthBytes);
        offset[tag] = offsetBytes;
    }

    /** Takes over what another queue's table says of a tag: for a backend that hands requests on to another. */
    public void copy(int tag, Requests from) {
        shape[tag] = from.shape[tag];
        offset[tag] = from.offset[tag];
        address[tag] = from.address[tag];
        place[tag] = from.place[tag];
    }

    public void setLength(int tag, int lengthBytes) {
        shape[tag] = word((int) shape[tag], lengthBytes);
    }

    /**
     * Says where the request's data is.
     *
     * @param dataAddress absolute address, or the offset within the fixed buffer when that holds the request's own
     *     pages
     * @param bufferIndex of the ring's fixed buffer that covers it, or {@link #NO_BUFFER}
     */
    public void setData(int tag, long dataAddress, int bufferIndex) {
        address[tag] = dataAddress;
        place[tag] = word(bufferIndex, 0);
    }

    /**
     * Says that the request's data is in several pieces of memory, one after the other.
     *
     * @param vectorAddress of {@code count} structs {@link Iovec}, which stay as they are until the request has ended;
     *     together they are as long as the request, or longer
     */
    public void setPieces(int tag, long vectorAddress, int count) {
        address[tag] = vectorAddress;
        place[tag] = word(NO_BUFFER, count);
    }

    /** One of {@link BlockOperation}. */
    public int operation(int tag) {
        return (byte) shape[tag];
    }

    public boolean has(int tag, int flag) {
        return ((int) shape[tag] >>> 8 & flag) != 0;
    }

    /** Bytes from the start of the device. */
    public long offset(int tag) {
        return offset[tag];
    }

    /** Bytes; 0 for a flush. */
    public int length(int tag) {
        return (int) (shape[tag] >>> 32);
    }

    /** Whether the request lies within a volume of {@code sizeBytes}; offset and length may be anything. */
    public boolean isInside(int tag, long sizeBytes) {
        return offset[tag] >= 0 && length(tag) >= 0 && offset[tag] <= sizeBytes - length(tag);
    }

    /** Of the data; of its vector when it is in {@link #pieces}. */
    public long address(int tag) {
        return address[tag];
    }

    public int buffer(int tag) {
        return (int) place[tag];
    }

    /** How many pieces of memory the data is in; 0: it is in one, at {@link #address}. */
    public int pieces(int tag) {
        return (int) (place[tag] >>> 32);
    }

    /** The address of the data's byte {@code offset}; {@link #contiguousFrom} says how many follow it there. */
    public long addressOf(int tag, int offset) {
        long at = address[tag];
        if (pieces(tag) == 0) {
            return at + offset;
        }
        long before = offset;
        while (before >= Memory.longAt(at + Iovec.IOV_LEN)) {
            before -= Memory.longAt(at + Iovec.IOV_LEN);
            at += Iovec.LENGTH;
        }
        return Memory.longAt(at + Iovec.IOV_BASE) + before;
    }

    /** How many bytes of the data stand in one piece of memory from its byte {@code offset} on. */
    public int contiguousFrom(int tag, int offset) {
        if (pieces(tag) == 0) {
            return length(tag) - offset;
        }
        long end = 0;
        for (long at = address[tag]; end <= offset; at += Iovec.LENGTH) {
            end += Memory.longAt(at + Iovec.IOV_LEN);
        }
        return (int) Math.min(end, length(tag)) - offset;
    }

    /** Whether the pieces are together exactly as long as the request. */
    public boolean isWholeVector(int tag) {
        long bytes = 0;
        for (int piece = 0; piece < pieces(tag); piece++) {
            bytes += Memory.longAt(address[tag] + (long) piece * Iovec.LENGTH + Iovec.IOV_LEN);
        }
        return bytes == length(tag);
    }

    /** Copies {@code bytes} of the request's data, from its byte {@code offset} on, to an address. */
    public void copyOut(int tag, int offset, long to, int bytes) {
        for (int done = 0; done < bytes; ) {
            int part = Math.min(bytes - done, contiguousFrom(tag, offset + done));
            Memory.copy(addressOf(tag, offset + done), to + done, part);
            done += part;
        }
    }

    /** Fills {@code bytes} of the request's data, from its byte {@code offset} on, from an address. */
    public void copyIn(int tag, int offset, long from, int bytes) {
        for (int done = 0; done < bytes; ) {
            int part = Math.min(bytes - done, contiguousFrom(tag, offset + done));
            Memory.copy(from + done, addressOf(tag, offset + done), part);
            done += part;
        }
    }
}
