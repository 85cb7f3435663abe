package io.ublkcsi.engine.block;

import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * A bounded, pre-touched piece of memory that lends out runs of pages, each a power of two long and aligned to its
 * own length. Owned by one queue's thread; allocates nothing after it was made.
 */
public final class BufferPool implements AutoCloseable {
    /** {@link #allocate} found no run that is long enough. */
    public static final int NONE = -1;

    private static final int PAGES_PER_WORD = Long.SIZE;

    private final MemorySegment memory;
    private final int pageBytes;
    private final long[] used;

    /**
     * @param bytes a multiple of 64 pages
     */
    public BufferPool(long bytes) {
        pageBytes = Memory.PAGE_BYTES;
        if (bytes <= 0 || bytes % ((long) pageBytes * PAGES_PER_WORD) != 0) {
            throw new IllegalArgumentException("a buffer pool is a multiple of 64 pages, not " + bytes + " bytes");
        }
        memory = Memory.allocatePages(bytes);
        used = new long[(int) (bytes / pageBytes / PAGES_PER_WORD)];
    }

    public MemorySegment memory() {
        return memory;
    }

    /** The absolute address of a run. */
    public long address(int page) {
        return memory.address() + (long) page * pageBytes;
    }

    /** The first page of a run of at least {@code bytes}, or {@link #NONE}. */
    public int allocate(int bytes) {
        int pages = runPages(bytes);
        return pages <= PAGES_PER_WORD ? allocateInWord(pages) : allocateWords(pages / PAGES_PER_WORD);
    }

    /** Takes a run back; {@code bytes} as at {@link #allocate}. */
    public void free(int page, int bytes) {
        int pages = runPages(bytes);
        if (pages <= PAGES_PER_WORD) {
            long run = mask(pages) << (page % PAGES_PER_WORD);
            check((used[page / PAGES_PER_WORD] & run) == run, page);
            used[page / PAGES_PER_WORD] &= ~run;
            return;
        }
        for (int word = page / PAGES_PER_WORD; word < (page + pages) / PAGES_PER_WORD; word++) {
            check(used[word] == -1L, page);
            used[word] = 0;
        }
    }

    @Override
    public void close() {
        Memory.freePages(memory);
    }

    private int allocateInWord(int pages) {
        long run = mask(pages);
        for (int word = 0; word < used.length; word++) {
            if (used[word] == -1L) {
                continue;
            }
            for (int shift = 0; shift < PAGES_PER_WORD; shift += pages) {
                if ((used[word] & run << shift) == 0) {
                    used[word] |= run << shift;
                    return word * PAGES_PER_WORD + shift;
                }
            }
        }
        return NONE;
    }

    private int allocateWords(int words) {
        for (int first = 0; first + words <= used.length; first += words) {
            if (allFree(first, words)) {
                for (int word = first; word < first + words; word++) {
                    used[word] = -1L;
                }
                return first * PAGES_PER_WORD;
            }
        }
        return NONE;
    }

    private boolean allFree(int first, int words) {
        for (int word = first; word < first + words; word++) {
            if (used[word] != 0) {
                return false;
            }
        }
        return true;
    }

    private int runPages(int bytes) {
        int pages = Math.max(1, (bytes + pageBytes - 1) / pageBytes);
        return pages == 1 ? 1 : Integer.highestOneBit(pages - 1) << 1;
    }

    private static long mask(int pages) {
        return pages == PAGES_PER_WORD ? -1L : (1L << pages) - 1;
    }

    private static void check(boolean holds, int page) {
        if (!holds) {
            throw new IllegalStateException("page " + page + " of the buffer pool was freed twice");
        }
    }
}
