package io.ublkcsi.engine.backend.cut;

import java.util.BitSet;

/**
 * How far one copy of a volume has come, by chunks of {@link #CHUNK_BYTES}. The copy asks it what to take next: what
 * writers wait for comes first. Every call is short and waits for no I/O. Any thread.
 */
public final class CutMap {
    public static final int CHUNK_BYTES = 256 << 10;
    /** {@link #next} found nothing that is left to copy. */
    public static final int NONE = -1;

    private static final int MAX_WISHES = 256;

    private final long sizeBytes;
    private final int chunks;
    private final BitSet copied;
    private final int[] wishes = new int[MAX_WISHES];
    private int wishCount;
    /** All chunks below are copied. */
    private int cursor;

    private int copiedCount;

    /**
     * @param sizeBytes what is copied, from the volume's first byte on
     */
    public CutMap(long sizeBytes) {
        this.sizeBytes = sizeBytes;
        this.chunks = Math.toIntExact((sizeBytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
        this.copied = new BitSet(chunks);
    }

    public int chunks() {
        return chunks;
    }

    /** Where a chunk begins, in bytes. */
    public static long beginOf(int chunk) {
        return (long) chunk * CHUNK_BYTES;
    }

    /** Where a chunk ends, in bytes. */
    public long endOf(int chunk) {
        return Math.min(beginOf(chunk) + CHUNK_BYTES, sizeBytes);
    }

    /** Whether these bytes may change: what of them is to be copied is copied. Else that is what comes next. */
    synchronized boolean admits(long offset, long length) {
        long last = (Math.min(offset + length, sizeBytes) - 1) / CHUNK_BYTES;
        boolean admitted = true;
        for (long chunk = offset / CHUNK_BYTES; chunk <= last && wishCount < MAX_WISHES; chunk++) {
            if (!copied.get((int) chunk)) {
                admitted = false;
                wish((int) chunk);
            }
        }
        return admitted && wishCount < MAX_WISHES;
    }

    private void wish(int chunk) {
        for (int i = 0; i < wishCount; i++) {
            if (wishes[i] == chunk) {
                return;
            }
        }
        wishes[wishCount++] = chunk;
    }

    /** The chunk to copy next, or {@link #NONE}. One thread copies, and marks the chunk before it asks again. */
    public synchronized int next() {
        while (wishCount > 0) {
            int wish = wishes[--wishCount];
            if (!copied.get(wish)) {
                return wish;
            }
        }
        cursor = copied.nextClearBit(cursor);
        return cursor < chunks ? cursor : NONE;
    }

    /** The chunk's copy is where it belongs: its original may change. */
    public synchronized void mark(int chunk) {
        if (!copied.get(chunk)) {
            copied.set(chunk);
            copiedCount++;
        }
    }

    /** 0 to 100. */
    public synchronized int progressPercent() {
        return chunks == 0 ? 100 : (int) (copiedCount * 100L / chunks);
    }
}
