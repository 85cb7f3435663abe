package io.ublkcsi.engine.backend.memory;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One queue's I/O on a volume in memory: each request is done when it is submitted. */
final class MemoryQueue implements BackendQueue {
    private static final MemorySegment ZEROES = Arena.global().allocate(Memory.PAGE_BYTES, Memory.PAGE_BYTES);

    private final Requests requests;
    private final CompletionSink sink;
    private final long base;
    private final long sizeBytes;

    MemoryQueue(QueueContext context, MemorySegment memory) {
        this.requests = context.requests();
        this.sink = context.sink();
        this.base = memory.address();
        this.sizeBytes = memory.byteSize();
    }

    /** It writes no ring entry at all. */
    @Override
    public boolean isSingleEntry(int tag) {
        return false;
    }

    @Override
    public void submit(int tag, int linkFlags) {
        long offset = requests.offset(tag);
        int length = requests.length(tag);
        sink.complete(tag, requests.isInside(tag, sizeBytes) ? execute(tag, base + offset, length) : -Errno.EIO);
    }

    private int execute(int tag, long at, int length) {
        switch (requests.operation(tag)) {
            case BlockOperation.READ -> requests.copyIn(tag, 0, at, length);
            case BlockOperation.WRITE -> requests.copyOut(tag, 0, at, length);
            case BlockOperation.FLUSH -> {
                return 0;
            }
            default -> {
                return zero(at, length);
            }
        }
        return length;
    }

    /** Whole pages go back to the kernel, which shows zeroes in their place; the rest is overwritten. */
    private static int zero(long from, long length) {
        long end = from + length;
        long firstPage = Math.min(end, Memory.roundUp(from, Memory.PAGE_BYTES));
        long lastPage = Math.max(firstPage, end & -Memory.PAGE_BYTES);
        Memory.copy(ZEROES.address(), from, firstPage - from);
        Memory.copy(ZEROES.address(), lastPage, end - lastPage);
        return firstPage == lastPage ? 0 : Linux.madvise(firstPage, lastPage - firstPage, Linux.MADV_DONTNEED);
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        throw new IllegalStateException("a volume in memory has no ring entries");
    }
}
