package io.ublkcsi.engine.backend.none;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.sys.Errno;

/** Answers every request where it is submitted. */
final class NoneQueue implements BackendQueue {
    private final QueueContext context;
    private final long sizeBytes;

    NoneQueue(QueueContext context, long sizeBytes) {
        this.context = context;
        this.sizeBytes = sizeBytes;
    }

    /** It writes no ring entry at all. */
    @Override
    public boolean isSingleEntry(int tag) {
        return false;
    }

    @Override
    public void submit(int tag, int linkFlags) {
        int length = context.requests().length(tag);
        int operation = context.requests().operation(tag);
        boolean inside = context.requests().isInside(tag, sizeBytes);
        boolean data = operation == BlockOperation.READ || operation == BlockOperation.WRITE;
        context.sink().complete(tag, !inside ? -Errno.EIO : data ? length : 0);
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        throw new IllegalStateException("a volume of nothing has no ring entries");
    }
}
