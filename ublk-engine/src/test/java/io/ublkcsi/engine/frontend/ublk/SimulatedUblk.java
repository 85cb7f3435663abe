package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Absolute;
import io.ublkcsi.engine.uring.SimulatedActor;
import io.ublkcsi.engine.uring.SimulatedFile;
import io.ublkcsi.engine.uring.SimulatedRing;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.Sqe;

/**
 * {@code /dev/ublkcN} of one queue, as drivers/block/ublk_drv.c of 7.2 treats it: who owns a tag, what it refuses
 * with which errno, how data gets to the server and back on each path. Its block device's users are an {@link Upper}.
 */
final class SimulatedUblk implements SimulatedFile, SimulatedActor {
    private static final int QUEUE_STRIDE_TAGS = 4096;
    private static final long IO_BUF_OFFSET = 0x80000000L;
    private static final int TAG_SHIFT = 25;
    private static final int QUEUE_SHIFT = 41;

    /** Who holds a tag. */
    private static final byte FREE = 0;

    private static final byte FETCHED = 1;
    private static final byte WITH_SERVER = 2;
    /** Committed, but its pages are still registered somewhere. */
    private static final byte COMMITTED = 3;
    /** Has a request of which the server is yet to hear. */
    private static final byte QUEUED = 4;

    /** The users of the block device. */
    interface Upper {
        /** A request has ended; {@code result} is its bytes, 0 for those without data, or {@code -errno}. */
        void completed(int tag, int result);
    }

    private final DataPath path;
    private final SeededRandom random;
    private final int queue;
    private final int depth;
    private final int maxIoBytes;
    private final SimulatedDescriptors descriptors;
    private final long pages;
    private final byte[] owner;
    private final int[] command;
    private final SimulatedRing[] ring;
    private final long[] serverBuffer;
    private final int[] autoIndex;
    private final boolean[] autoFallback;
    private final boolean[] autoRegistered;
    private final int[] registrations;
    private final int[] committed;
    private final Runnable[] unregistered;
    private final SimulatedBatches batches;
    private final int registrationFailures;
    private Upper upper = (tag, result) -> {};
    private boolean stopping;
    private boolean released;
    private int nextAbort;
    private int fetched;

    /**
     * @param registrationFailures in a thousand automatic registrations that the kernel has no memory for
     */
    SimulatedUblk(
            SimulatedUring kernel, DataPath path, int queue, int depth, int maxIoBytes, int registrationFailures) {
        this.path = path;
        this.random = new SeededRandom(queue ^ depth);
        this.queue = queue;
        this.depth = depth;
        this.maxIoBytes = maxIoBytes;
        this.registrationFailures = registrationFailures;
        this.descriptors = new SimulatedDescriptors(kernel, depth);
        this.pages = kernel.pages((long) depth * maxIoBytes).address();
        this.owner = new byte[depth];
        this.command = new int[depth];
        this.ring = new SimulatedRing[depth];
        this.serverBuffer = new long[depth];
        this.autoIndex = new int[depth];
        this.autoFallback = new boolean[depth];
        this.autoRegistered = new boolean[depth];
        this.registrations = new int[depth];
        this.committed = new int[depth];
        this.unregistered = new Runnable[depth];
        this.batches = new SimulatedBatches(new BatchedTags(), random, depth);
        for (int tag = 0; tag < depth; tag++) {
            int mine = tag;
            unregistered[tag] = () -> onUnregistered(mine);
        }
    }

    void users(Upper users) {
        this.upper = users;
    }

    // ---- the block device's side

    /** How many tags the driver has and no request for. */
    int freeTags() {
        return stopping ? 0 : fetched;
    }

    /** Whether the driver has the tag and no request for it. */
    boolean isFree(int tag) {
        return owner[tag] == FETCHED && !stopping;
    }

    /** Where the request's own pages are. */
    long pages(int tag) {
        return pages + (long) tag * maxIoBytes;
    }

    /** A request for a free tag; its pages hold what is to be written. */
    void dispatch(int tag, int opFlags, long startSector, int sectors) {
        descriptors.write(tag, opFlags, startSector, sectors, serverBuffer[tag]);
        if (path == DataPath.PLAIN_COPY && (opFlags & IoDescriptor.OP_MASK) == IoDescriptor.OP_WRITE) {
            Absolute.copy(pages(tag), serverBuffer[tag], sectors * 512L);
        }
        fetched--;
        if (isBatched()) {
            owner[tag] = QUEUED;
            batches.add(tag);
        } else {
            hand(tag);
            ring[tag].finish(command[tag], 0);
        }
    }

    private void hand(int tag) {
        owner[tag] = WITH_SERVER;
        if (registersAutomatically() && descriptors.hasData(tag) && !registeredAutomatically(tag)) {
            descriptors.flag(tag, IoDescriptor.F_NEED_REG_BUF);
        }
    }

    private boolean registeredAutomatically(int tag) {
        boolean fails = random.chance(registrationFailures);
        if (!fails && register(tag, autoIndex[tag], descriptors.bytes(tag), descriptors.operation(tag)) == 0) {
            autoRegistered[tag] = true;
            return true;
        }
        if (!autoFallback[tag]) {
            throw new AssertionError("the server did not ask for the fallback: its request fails with EIO");
        }
        return false;
    }

    private boolean isBatched() {
        return path == DataPath.ZERO_COPY_BATCH;
    }

    private boolean registersAutomatically() {
        return path == DataPath.ZERO_COPY_AUTO || isBatched();
    }

    /**
     * STOP_DEV: no new requests; once those under way have ended, every tag is taken back. False when it was said
     * before.
     */
    boolean stop() {
        boolean first = !stopping;
        stopping = true;
        return first;
    }

    @Override
    public boolean act() {
        if (!stopping || anyWithServer()) {
            return batches.act();
        }
        if (isBatched()) {
            return batches.cancel();
        }
        for (; nextAbort < depth; nextAbort++) {
            if (owner[nextAbort] == FETCHED) {
                owner[nextAbort] = FREE;
                ring[nextAbort].finish(command[nextAbort], -Errno.ENODEV);
                return true;
            }
        }
        return false;
    }

    /** Whether a request has not ended. */
    boolean anyWithServer() {
        for (byte each : owner) {
            if (each == WITH_SERVER || each == COMMITTED || each == QUEUED) {
                return true;
            }
        }
        return false;
    }

    /** The server's last hold on the device has ended. */
    boolean isReleased() {
        return released;
    }

    // ---- the character device's side

    @Override
    public void released() {
        released = true;
    }

    @Override
    public long map(long length, int protection, long offset) {
        long stride = Memory.roundUp((long) QUEUE_STRIDE_TAGS * IoDescriptor.LENGTH, Memory.PAGE_BYTES);
        if ((protection & Linux.PROT_WRITE) != 0) {
            return -Errno.EPERM;
        }
        boolean fits =
                offset == queue * stride && length == descriptors.memory().byteSize();
        return fits ? descriptors.memory().address() : -Errno.EINVAL;
    }

    @Override
    public int execute(SimulatedRing onRing, int entry) {
        return switch (onRing.opcode(entry)) {
            case Sqe.READ, Sqe.READ_FIXED -> copy(onRing, entry, IoDescriptor.OP_WRITE);
            case Sqe.WRITE, Sqe.WRITE_FIXED -> copy(onRing, entry, IoDescriptor.OP_READ);
            case Sqe.URING_CMD -> command(onRing, entry);
            default -> -Errno.EOPNOTSUPP;
        };
    }

    /** {@code ublk_user_copy}: pread takes a write's data, pwrite gives a read its data. */
    private int copy(SimulatedRing onRing, int entry, int operation) {
        long position = onRing.offset(entry) - IO_BUF_OFFSET;
        int tag = (int) (position >>> TAG_SHIFT & 0xffff);
        long offset = position & (1L << TAG_SHIFT) - 1;
        long data = onRing.data(entry);
        if (path != DataPath.USER_COPY) {
            return -Errno.EACCES;
        }
        if (position >>> QUEUE_SHIFT != queue || tag >= depth || owner[tag] != WITH_SERVER) {
            return -Errno.EINVAL;
        }
        if (!descriptors.hasData(tag) || offset > descriptors.bytes(tag)) {
            return -Errno.EINVAL;
        }
        if (descriptors.operation(tag) != operation) {
            return -Errno.EACCES;
        }
        if (data < 0) {
            return (int) data;
        }
        int bytes = (int) Math.min(onRing.length(entry), descriptors.bytes(tag) - offset);
        if (operation == IoDescriptor.OP_WRITE) {
            Absolute.copy(pages(tag) + offset, data, bytes);
        } else {
            Absolute.copy(data, pages(tag) + offset, bytes);
        }
        return bytes;
    }

    private int command(SimulatedRing onRing, int entry) {
        long word = onRing.word0(entry);
        int tag = (int) (word >>> 16) & 0xffff;
        int operation = onRing.command(entry);
        if (operation == UblkOpcode.UNREGISTER_IO_BUF) {
            return path.isZeroCopy() ? onRing.unregisterPages((int) onRing.word1(entry)) : -Errno.EINVAL;
        }
        if ((word & 0xffff) != queue) {
            return -Errno.EINVAL;
        }
        if (isBatched() && operation != UblkOpcode.REGISTER_IO_BUF) {
            return batches.execute(onRing, entry, stopping);
        }
        if (tag >= depth) {
            return -Errno.EINVAL;
        }
        if (operation == UblkOpcode.FETCH_REQ) {
            return fetch(onRing, entry, tag);
        }
        if (owner[tag] != WITH_SERVER) {
            return -Errno.EBUSY;
        }
        if (operation == UblkOpcode.REGISTER_IO_BUF) {
            ring[tag] = onRing;
            boolean possible = path.isZeroCopy() && descriptors.hasData(tag);
            return possible
                    ? register(tag, (int) onRing.word1(entry), descriptors.bytes(tag), descriptors.operation(tag))
                    : -Errno.EINVAL;
        }
        return operation == UblkOpcode.COMMIT_AND_FETCH_REQ ? commit(onRing, entry, tag) : -Errno.EINVAL;
    }

    private int register(int tag, int index, int bytes, int operation) {
        boolean write = operation == IoDescriptor.OP_WRITE;
        int failed = ring[tag].registerPages(index, pages(tag), bytes, write, unregistered[tag]);
        registrations[tag] += failed == 0 ? 1 : 0;
        return failed;
    }

    /** {@code ublk_check_fetch_buf} and {@code ublk_validate_io_buf}. */
    private boolean isValidBuffer(SimulatedRing onRing, int entry) {
        if ((path == DataPath.PLAIN_COPY) != (onRing.word1(entry) != 0)) {
            return false;
        }
        return path != DataPath.ZERO_COPY_AUTO || (onRing.address(entry) & ~0x1ffffL) == 0;
    }

    private int fetch(SimulatedRing onRing, int entry, int tag) {
        if (owner[tag] != FREE || stopping || !isValidBuffer(onRing, entry)) {
            return stopping ? -Errno.ENODEV : -Errno.EINVAL;
        }
        take(onRing, entry, tag);
        owner[tag] = FETCHED;
        fetched++;
        return PENDING;
    }

    private void take(SimulatedRing onRing, int entry, int tag) {
        ring[tag] = onRing;
        command[tag] = entry;
        serverBuffer[tag] = onRing.word1(entry);
        autoIndex[tag] = (int) onRing.address(entry) & 0xffff;
        autoFallback[tag] = (onRing.address(entry) & 1L << 16) != 0;
    }

    private int commit(SimulatedRing onRing, int entry, int tag) {
        if (!isValidBuffer(onRing, entry)) {
            return -Errno.EINVAL;
        }
        int result = (int) (onRing.word0(entry) >>> 32);
        if (path == DataPath.PLAIN_COPY && descriptors.operation(tag) == IoDescriptor.OP_READ && result > 0) {
            Absolute.copy(serverBuffer[tag], pages(tag), Math.min(result, descriptors.bytes(tag)));
        }
        int index = autoIndex[tag];
        take(onRing, entry, tag);
        committed(onRing, tag, index, result);
        return PENDING;
    }

    private void committed(SimulatedRing onRing, int tag, int index, int result) {
        owner[tag] = COMMITTED;
        committed[tag] = result;
        if (autoRegistered[tag]) {
            autoRegistered[tag] = false;
            onRing.unregisterPages(index);
        }
        endIfDone(tag);
    }

    /** What a batch's elements do to their tags. */
    private final class BatchedTags implements SimulatedBatches.Tags {
        @Override
        public int prepare(SimulatedRing onRing, int tag, int buffer, boolean fallback) {
            if (tag >= depth || owner[tag] != FREE) {
                return -Errno.EINVAL;
            }
            take(onRing, tag, buffer, fallback);
            owner[tag] = FETCHED;
            fetched++;
            return 0;
        }

        @Override
        public int commit(SimulatedRing onRing, int tag, int buffer, boolean fallback, int result) {
            if (tag >= depth || owner[tag] != WITH_SERVER) {
                return tag >= depth ? -Errno.EINVAL : -Errno.EBUSY;
            }
            int index = autoIndex[tag];
            take(onRing, tag, buffer, fallback);
            committed(onRing, tag, index, result);
            return 0;
        }

        private void take(SimulatedRing onRing, int tag, int buffer, boolean fallback) {
            ring[tag] = onRing;
            autoIndex[tag] = buffer;
            autoFallback[tag] = fallback;
        }

        @Override
        public void hand(SimulatedRing onRing, int tag) {
            SimulatedUblk.this.hand(tag);
        }
    }

    private void onUnregistered(int tag) {
        registrations[tag]--;
        endIfDone(tag);
    }

    private void endIfDone(int tag) {
        if (owner[tag] == COMMITTED && registrations[tag] == 0) {
            owner[tag] = FETCHED;
            fetched++;
            upper.completed(tag, committed[tag]);
        }
    }
}
