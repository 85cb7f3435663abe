package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One io_uring: submission and completion queue in memory shared with the kernel. Owned by the thread that made it,
 * which alone may use it, but for {@link #close}. Allocates nothing after it was made.
 */
public final class Ring implements AutoCloseable {
    private static final int ENTER_GETEVENTS = 1;
    private static final int REGISTER_FILES_UPDATE = 6;
    private static final int REGISTER_FILES2 = 13;
    private static final int REGISTER_BUFFERS2 = 15;
    private static final int REGISTER_BUFFERS_UPDATE = 16;
    private static final int REGISTER_PBUF_RING = 22;
    private static final int RSRC_REGISTER_SPARSE = 1;
    private static final int MAX_ENTRIES = 1 << 15;

    private final UringSyscalls syscalls;
    private final int fd;
    private final int sqeLength;
    private final RingArea area;
    private final MemorySegment queues;
    private final long sqes;
    private final int sqMask;
    private final int cqMask;
    private final long sqHead;
    private final long sqTail;
    private final long cqHead;
    private final long cqTail;
    private final long cqes;

    private int localTail;
    /** Entries that can be prepared before the kernel's head is read again. */
    private int room;

    private int submittedTail;
    private long enters;
    private int flags;

    /**
     * Makes a ring for the calling thread.
     *
     * @param entries submissions that fit at once; rounded up to a power of two by the kernel
     * @param flags {@code SETUP_*} of {@link UringParams}
     * @throws RingException with the cure when the kernel refuses
     */
    public Ring(UringSyscalls syscalls, int entries, int flags) {
        if (entries < 1 || entries > MAX_ENTRIES) {
            throw new IllegalArgumentException("a ring has 1 to " + MAX_ENTRIES + " entries, not " + entries);
        }
        this.syscalls = syscalls;
        this.sqeLength = (flags & UringParams.SETUP_SQE128) != 0 ? Sqe.LENGTH_128 : Sqe.LENGTH;
        this.area = RingArea.map(syscalls, entries, flags, sqeLength);
        this.fd = area.fd();
        this.queues = area.queues();
        this.sqes = area.sqes().address();
        this.sqMask = area.intAt(UringParams.SQ_RING_MASK);
        this.cqMask = area.intAt(UringParams.CQ_RING_MASK);
        this.sqHead = area.offset(UringParams.SQ_HEAD);
        this.sqTail = area.offset(UringParams.SQ_TAIL);
        this.cqHead = area.offset(UringParams.CQ_HEAD);
        this.cqTail = area.offset(UringParams.CQ_TAIL);
        this.cqes = queues.address() + area.offset(UringParams.CQ_CQES);
        long array = area.offset(UringParams.SQ_ARRAY);
        for (int i = 0; i <= sqMask; i++) {
            queues.set(Memory.INT, array + 4L * i, i);
        }
    }

    public int fd() {
        return fd;
    }

    /** {@code io_uring_enter} calls so far. */
    public long enters() {
        return enters;
    }

    /** Entries prepared and not yet handed to the kernel. */
    public int pending() {
        return localTail - submittedTail;
    }

    /** Makes room for {@code count} entries that must reach the kernel in one batch, as a chain must. */
    public void reserve(int count) {
        if (room < count) {
            makeRoom(count);
        }
    }

    private void makeRoom(int count) {
        room = free();
        if (room < count) {
            submit();
            room = free();
            if (room < count) {
                throw new IllegalStateException("there is no room for " + count + " entries in the ring");
            }
        }
    }

    /** A read, write, fsync or fallocate; the fields mean what io_uring_enter(2) says of the operation. */
    public void prepare(
            int opcode,
            int sqeFlags,
            int file,
            long offset,
            long address,
            int length,
            int opFlags,
            int buffer,
            long user) {
        long at = next();
        Memory.putLong(at, head(opcode, sqeFlags, file));
        Memory.putLong(at + Sqe.OFF, offset);
        Memory.putLong(at + Sqe.ADDR, address);
        Memory.putLong(at + Sqe.LEN, (long) opFlags << 32 | length & 0xffffffffL);
        Memory.putLong(at + Sqe.USER_DATA, user);
        Memory.putLong(at + Sqe.BUF_INDEX, buffer & 0xffffL);
        Memory.putLong(at + Sqe.CMD, 0);
        Memory.putLong(at + Sqe.CMD + 8, 0);
    }

    /**
     * A passthrough command whose own 16 bytes are given as two words.
     *
     * @param address {@code sqe->addr}, which some commands use beside their own bytes
     */
    public void prepareCommand(int sqeFlags, int file, int command, long address, long word0, long word1, long user) {
        long at = next();
        Memory.putLong(at, head(Sqe.URING_CMD, sqeFlags, file));
        Memory.putLong(at + Sqe.CMD_OP, command & 0xffffffffL);
        Memory.putLong(at + Sqe.ADDR, address);
        Memory.putLong(at + Sqe.LEN, 0);
        Memory.putLong(at + Sqe.USER_DATA, user);
        Memory.putLong(at + Sqe.BUF_INDEX, 0);
        Memory.putLong(at + Sqe.CMD, word0);
        Memory.putLong(at + Sqe.CMD + 8, word1);
    }

    /**
     * A command to a fixed file that completes again and again, each time with a buffer of a group ({@link
     * BufferRing}), until a completion says that there are no more ({@link #hasMore}).
     */
    public void prepareMultishotCommand(int file, int command, int group, long word0, long user) {
        long at = next();
        Memory.putLong(at, head(Sqe.URING_CMD, Sqe.FIXED_FILE | Sqe.BUFFER_SELECT, file));
        Memory.putLong(at + Sqe.CMD_OP, command & 0xffffffffL);
        Memory.putLong(at + Sqe.ADDR, 0);
        Memory.putLong(at + Sqe.LEN, (long) Sqe.URING_CMD_MULTISHOT << 32);
        Memory.putLong(at + Sqe.USER_DATA, user);
        Memory.putLong(at + Sqe.BUF_INDEX, group);
        Memory.putLong(at + Sqe.CMD, word0);
        Memory.putLong(at + Sqe.CMD + 8, 0);
    }

    /** The first 8 bytes of an entry. */
    private static long head(int opcode, int sqeFlags, int file) {
        return (long) file << 32 | sqeFlags << 8 | opcode;
    }

    /** The 80 bytes of a command to a fixed file, on a ring with 128-byte entries; zeroed, to be filled in at once. */
    public MemorySegment prepareLongCommand(int file, int command, long user) {
        if (sqeLength != Sqe.LENGTH_128) {
            throw new IllegalStateException("this ring has 64-byte entries");
        }
        prepareCommand(Sqe.FIXED_FILE, file, command, 0, 0, 0, user);
        MemorySegment bytes = area.sqes().asSlice((long) (localTail - 1 & sqMask) * sqeLength + Sqe.CMD, 80);
        bytes.fill((byte) 0);
        return bytes;
    }

    /** Hands over what is prepared, without waiting. */
    public void submit() {
        enter(0, 0);
    }

    /** The duty cycle's one system call: hands over what is prepared, and waits for completions. */
    public void submitAndWait(int minComplete) {
        enter(minComplete, ENTER_GETEVENTS);
    }

    /**
     * Hands over what is prepared and waits for one completion.
     *
     * @return false when none came within {@code timeoutNs}
     */
    public boolean submitAndWait(long timeoutNs) {
        long endNs = System.nanoTime() + timeoutNs;
        long leftNs = timeoutNs;
        while (!hasCompletions() || unsubmitted() > 0) {
            publish();
            enters++;
            int result = syscalls.enterTimed(fd, unsubmitted(), 1, ENTER_GETEVENTS, leftNs);
            if (result == -Errno.ETIME) {
                break;
            }
            afterPartialEnter(result);
            leftNs = endNs - System.nanoTime();
            if (leftNs <= 0) {
                break;
            }
        }
        return hasCompletions();
    }

    public boolean hasCompletions() {
        return queues.get(Memory.INT, cqHead) != Memory.getAcquire(queues, cqTail);
    }

    /** Gives every completion that is there now to {@code handler}; answers how many. */
    public int drain(CompletionHandler handler) {
        int head = queues.get(Memory.INT, cqHead);
        int tail = Memory.getAcquire(queues, cqTail);
        for (int i = head; i != tail; i++) {
            long at = cqes + (long) (i & cqMask) * Cqe.LENGTH;
            long outcome = Memory.longAt(at + Cqe.RES);
            flags = (int) (outcome >>> 32);
            handler.onCompletion(Memory.longAt(at), (int) outcome);
        }
        Memory.setRelease(queues, cqHead, tail);
        return tail - head;
    }

    /** Of the completion that a handler is being given: whether its submission will bring more of them. */
    public boolean hasMore() {
        return (flags & Cqe.F_MORE) != 0;
    }

    /** Of the completion that a handler is being given: which buffer of its group the data is in. */
    public int buffer() {
        return flags >>> Cqe.BUFFER_SHIFT;
    }

    /** Makes the ring's table of fixed files, empty. */
    public void registerFileTable(int slots) {
        registerSparse(REGISTER_FILES2, slots, "registering " + slots + " fixed files");
    }

    /** Makes the ring's table of fixed buffers, empty. */
    public void registerBufferTable(int slots) {
        registerSparse(REGISTER_BUFFERS2, slots, "registering " + slots + " fixed buffers");
    }

    /** Puts an open file into the table; the caller may close its descriptor afterwards. -1 clears the slot. */
    public void installFile(int slot, int file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment files = arena.allocate(4, 4);
            files.set(Memory.INT, 0, file);
            MemorySegment update = arena.allocate(FilesUpdate.LENGTH, 8);
            update.set(Memory.INT, FilesUpdate.OFFSET, slot);
            update.set(Memory.LONG, FilesUpdate.DATA, files.address());
            check(register(REGISTER_FILES_UPDATE, update, 1), "installing a fixed file");
        }
    }

    /** Puts memory into the table of fixed buffers; answers 0, or {@code -errno}. */
    public int installBuffer(int slot, MemorySegment memory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vector = arena.allocate(Iovec.LENGTH, 8);
            vector.set(Memory.LONG, Iovec.IOV_BASE, memory.address());
            vector.set(Memory.LONG, Iovec.IOV_LEN, memory.byteSize());
            MemorySegment update = arena.allocate(ResourceUpdate.LENGTH, 8);
            update.set(Memory.INT, ResourceUpdate.OFFSET, slot);
            update.set(Memory.LONG, ResourceUpdate.DATA, vector.address());
            update.set(Memory.INT, ResourceUpdate.NR, 1);
            return Math.min(0, register(REGISTER_BUFFERS_UPDATE, update, (int) update.byteSize()));
        }
    }

    void registerBufferRing(int group, long address, int entries) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(BufferRingRegister.LENGTH, 8);
            request.set(Memory.LONG, BufferRingRegister.RING_ADDR, address);
            request.set(Memory.INT, BufferRingRegister.RING_ENTRIES, entries);
            request.set(Memory.SHORT, BufferRingRegister.BGID, (short) group);
            check(register(REGISTER_PBUF_RING, request, 1), "registering " + entries + " provided buffers");
        }
    }

    /** Gives the ring back to the kernel, which ends its operations and then lets go of its files. */
    @Override
    public void close() {
        area.unmap(syscalls);
    }

    private void registerSparse(int operation, int slots, String what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment register = arena.allocate(ResourceRegister.LENGTH, 8);
            register.set(Memory.INT, ResourceRegister.NR, slots);
            register.set(Memory.INT, ResourceRegister.FLAGS, RSRC_REGISTER_SPARSE);
            check(register(operation, register, (int) register.byteSize()), what);
        }
    }

    private int register(int operation, MemorySegment argument, int count) {
        return syscalls.register(fd, operation, argument.address(), count);
    }

    private static void check(int result, String what) {
        if (result < 0) {
            throw new RingException(what, result);
        }
    }

    private int free() {
        return sqMask + 1 - (localTail - Memory.getAcquire(queues, sqHead));
    }

    /** The address of the next entry. */
    private long next() {
        if (room == 0) {
            makeRoom(1);
        }
        room--;
        return sqes + (long) (localTail++ & sqMask) * sqeLength;
    }

    private void publish() {
        Memory.setRelease(queues, sqTail, localTail);
    }

    private int unsubmitted() {
        return localTail - submittedTail;
    }

    private void enter(int minComplete, int flags) {
        publish();
        int submit = unsubmitted();
        enters++;
        int result = syscalls.enter(fd, submit, minComplete, flags);
        if (result == submit) {
            submittedTail = localTail;
        } else {
            afterPartialEnter(result);
        }
    }

    /** EAGAIN and EBUSY ask for completions to be drained first, EINTR for nothing: the next enter goes on. */
    private void afterPartialEnter(int result) {
        submittedTail = queues.get(Memory.INT, sqHead);
        if (result < 0 && result != -Errno.EINTR && result != -Errno.EAGAIN && result != -Errno.EBUSY) {
            throw new RingException("io_uring_enter", result);
        }
    }
}
