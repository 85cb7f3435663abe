package io.ublkcsi.engine.block;

import java.util.Arrays;

/**
 * The requests of one queue, a tag each: parallel arrays, so that none is an object. The frontend fills a tag in
 * before it hands it to the backend; nobody writes to it until the backend has completed it. Owned by the queue's
 * thread.
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

    private final int[] operation;
    private final int[] flags;
    private final long[] offset;
    private final int[] length;
    private final long[] address;
    private final int[] buffer;

    public Requests(int depth) {
        operation = new int[depth];
        flags = new int[depth];
        offset = new long[depth];
        length = new int[depth];
        address = new long[depth];
        buffer = new int[depth];
        Arrays.fill(buffer, NO_BUFFER);
    }

    public int depth() {
        return operation.length;
    }

    public void set(int tag, int operationCode, int flagBits, long offsetBytes, int lengthBytes) {
        operation[tag] = operationCode;
        flags[tag] = flagBits;
        offset[tag] = offsetBytes;
        length[tag] = lengthBytes;
    }

    /** Takes over what another queue's table says of a tag: for a backend that hands requests on to another. */
    public void copy(int tag, Requests from) {
        set(tag, from.operation[tag], from.flags[tag], from.offset[tag], from.length[tag]);
        setData(tag, from.address[tag], from.buffer[tag]);
    }

    public void setLength(int tag, int lengthBytes) {
        length[tag] = lengthBytes;
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
        buffer[tag] = bufferIndex;
    }

    /** One of {@link BlockOperation}. */
    public int operation(int tag) {
        return operation[tag];
    }

    public boolean has(int tag, int flag) {
        return (flags[tag] & flag) != 0;
    }

    /** Bytes from the start of the device. */
    public long offset(int tag) {
        return offset[tag];
    }

    /** Bytes; 0 for a flush. */
    public int length(int tag) {
        return length[tag];
    }

    /** Whether the request lies within a volume of {@code sizeBytes}; offset and length may be anything. */
    public boolean isInside(int tag, long sizeBytes) {
        return offset[tag] >= 0 && length[tag] >= 0 && offset[tag] <= sizeBytes - length[tag];
    }

    public long address(int tag) {
        return address[tag];
    }

    public int buffer(int tag) {
        return buffer[tag];
    }
}
