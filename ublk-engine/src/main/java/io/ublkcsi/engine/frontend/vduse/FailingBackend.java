package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.sys.Errno;

/** Answers every request with an error: for a device that has to go while its users wait. */
final class FailingBackend implements Backend {
    private final BlockLimits limits;

    FailingBackend(BlockLimits limits) {
        this.limits = limits;
    }

    @Override
    public BlockLimits limits() {
        return limits;
    }

    @Override
    public BackendQueue openQueue(QueueContext context) {
        return new FailingQueue(context.sink());
    }

    @Override
    public void close() {}

    private record FailingQueue(CompletionSink sink) implements BackendQueue {
        @Override
        public boolean isSingleEntry(int tag) {
            return false;
        }

        @Override
        public void submit(int tag, int linkFlags) {
            sink.complete(tag, -Errno.EIO);
        }

        @Override
        public void onCompletion(int tag, int operation, int result) {
            throw new IllegalStateException("there are no ring entries");
        }
    }
}
