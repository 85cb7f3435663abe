package io.ublkcsi.engine.backend.file;

import io.ublkcsi.engine.block.BackendQueue;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.CompletionSink;
import io.ublkcsi.engine.block.QueueContext;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.uring.Ring;
import io.ublkcsi.engine.uring.Sqe;
import io.ublkcsi.engine.uring.UserData;

/**
 * One queue's I/O on an image file: each request is one ring entry, repeated while the kernel does less than was
 * asked.
 */
final class FileQueue implements BackendQueue {
    private static final int TRANSFER = 0;
    private static final int SYNC = 1;
    private static final int SPACE = 2;
    /** Zeroing for which the file system has no call: plain writes of zeroes. */
    private static final int ZERO = 3;

    private static final int PUNCH = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
    private static final int ZERO_RANGE = Linux.FALLOC_FL_ZERO_RANGE | Linux.FALLOC_FL_KEEP_SIZE;

    private final Ring ring;
    private final Requests requests;
    private final CompletionSink sink;
    private final QueueContext context;
    private final FileBackend backend;
    private final int[] done;
    private final long zeroes;
    private final long owner;

    FileQueue(QueueContext context, FileBackend backend) {
        this.ring = context.ring();
        this.requests = context.requests();
        this.sink = context.sink();
        this.context = context;
        this.backend = backend;
        this.done = new int[requests.depth()];
        this.zeroes = Zeroes.address();
        this.owner = UserData.encode(context.slot(), UserData.BACKEND, 0, 0);
    }

    /**
     * Reads and writes only. A failed fsync or fallocate does not break its chain (the kernel's io_uring/sync.c sets
     * the result and nothing else): the commit behind it would acknowledge what never happened, and nobody would hear
     * of it.
     */
    @Override
    public boolean isSingleEntry(int tag) {
        int operation = requests.operation(tag);
        boolean transfer = operation == BlockOperation.READ || operation == BlockOperation.WRITE;
        return transfer && requests.pieces(tag) == 0 && refusal(tag) == 0;
    }

    @Override
    public void submit(int tag, int linkFlags) {
        int refusal = refusal(tag);
        if (refusal != 0) {
            sink.complete(tag, refusal);
            return;
        }
        done[tag] = 0;
        switch (requests.operation(tag)) {
            case BlockOperation.READ, BlockOperation.WRITE -> transfer(tag, linkFlags);
            case BlockOperation.FLUSH -> sync(tag, linkFlags);
            default -> space(tag, linkFlags);
        }
    }

    /** 0, or why the request can't be done: {@code -errno}. */
    private int refusal(int tag) {
        // Read once: whatever else was read before a volatile field is read again after it.
        BlockLimits limits = backend.limits();
        if (!requests.isInside(tag, limits.sizeBytes())) {
            return -Errno.EIO;
        }
        return limits.readOnly() && BlockOperation.changes(requests.operation(tag)) ? -Errno.EROFS : 0;
    }

    private void transfer(int tag, int linkFlags) {
        if (requests.pieces(tag) == 0) {
            transferFrom(tag, requests.address(tag) + done[tag], requests.length(tag) - done[tag], linkFlags);
        } else if (done[tag] == 0 && requests.isWholeVector(tag)) {
            boolean write = requests.operation(tag) == BlockOperation.WRITE;
            prepare(write ? Sqe.WRITEV : Sqe.READV, tag, requests.address(tag), requests.pieces(tag), linkFlags);
        } else {
            // The rest of a vector goes piece by piece: rare, and the vector stays as it is.
            int bytes = requests.contiguousFrom(tag, done[tag]);
            transferFrom(tag, requests.addressOf(tag, done[tag]), bytes, linkFlags);
        }
    }

    private void transferFrom(int tag, long address, int length, int linkFlags) {
        boolean write = requests.operation(tag) == BlockOperation.WRITE;
        boolean fixed = requests.buffer(tag) != Requests.NO_BUFFER;
        int opcode = write ? (fixed ? Sqe.WRITE_FIXED : Sqe.WRITE) : (fixed ? Sqe.READ_FIXED : Sqe.READ);
        prepare(opcode, tag, address, length, linkFlags);
    }

    private void prepare(int opcode, int tag, long address, int length, int linkFlags) {
        boolean write = requests.operation(tag) == BlockOperation.WRITE;
        ring.prepare(
                opcode,
                Sqe.FIXED_FILE | linkFlags,
                context.fileSlot(),
                requests.offset(tag) + done[tag],
                address,
                length,
                write && requests.has(tag, Requests.FUA) ? Sqe.RWF_DSYNC : 0,
                Math.max(0, requests.buffer(tag)),
                user(TRANSFER, tag));
    }

    private void sync(int tag, int linkFlags) {
        int flags = Sqe.FIXED_FILE | linkFlags;
        ring.prepare(Sqe.FSYNC, flags, context.fileSlot(), 0, 0, 0, Sqe.FSYNC_DATASYNC, 0, user(SYNC, tag));
    }

    private void space(int tag, int linkFlags) {
        boolean discard = requests.operation(tag) == BlockOperation.DISCARD;
        if (discard && backend.keepsBlocks()) {
            sync(tag, linkFlags);
            return;
        }
        boolean keep = backend.keepsBlocks() || requests.has(tag, Requests.NO_UNMAP);
        ring.prepare(
                Sqe.FALLOCATE,
                Sqe.FIXED_FILE | linkFlags,
                context.fileSlot(),
                requests.offset(tag),
                Integer.toUnsignedLong(requests.length(tag)),
                keep && !discard ? ZERO_RANGE : PUNCH,
                0,
                0,
                user(SPACE, tag));
    }

    @Override
    public void onCompletion(int tag, int operation, int result) {
        switch (operation) {
            case TRANSFER -> afterTransfer(tag, result);
            case ZERO -> afterZero(tag, result);
            case SPACE -> afterSpace(tag, result);
            default -> sink.complete(tag, result);
        }
    }

    private void afterTransfer(int tag, int result) {
        if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
            transfer(tag, 0);
        } else if (result <= 0) {
            sink.complete(tag, result == 0 ? -Errno.EIO : result);
        } else {
            done[tag] += result;
            if (done[tag] < requests.length(tag)) {
                transfer(tag, 0);
            } else {
                sink.complete(tag, done[tag]);
            }
        }
    }

    private void afterSpace(int tag, int result) {
        if (result == -Errno.EOPNOTSUPP && requests.operation(tag) == BlockOperation.WRITE_ZEROES) {
            zero(tag);
        } else if (result == 0 && requests.has(tag, Requests.FUA)) {
            sync(tag, 0);
        } else {
            sink.complete(tag, result);
        }
    }

    private void zero(int tag) {
        ring.prepare(
                Sqe.WRITE,
                Sqe.FIXED_FILE,
                context.fileSlot(),
                requests.offset(tag) + done[tag],
                zeroes,
                Math.min(Zeroes.BYTES, requests.length(tag) - done[tag]),
                requests.has(tag, Requests.FUA) ? Sqe.RWF_DSYNC : 0,
                0,
                user(ZERO, tag));
    }

    private void afterZero(int tag, int result) {
        if (result <= 0 && result != -Errno.EAGAIN) {
            sink.complete(tag, result == 0 ? -Errno.EIO : result);
            return;
        }
        done[tag] += Math.max(0, result);
        if (done[tag] < requests.length(tag)) {
            zero(tag);
        } else {
            sink.complete(tag, 0);
        }
    }

    private long user(int operation, int tag) {
        return UserData.step(owner, operation, tag);
    }
}
