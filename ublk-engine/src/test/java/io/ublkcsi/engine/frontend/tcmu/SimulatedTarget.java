package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import io.ublkcsi.engine.uring.Absolute;
import io.ublkcsi.engine.uring.SimulatedFile;
import io.ublkcsi.engine.uring.SimulatedRing;
import io.ublkcsi.engine.uring.SimulatedUring;
import io.ublkcsi.engine.uring.Sqe;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The kernel's side of a TCMU device over plain memory, as drivers/target/target_core_user.c of 7.2 does it: puts
 * commands into the ring, with padding at its end and with entries that the server does not know, and takes their
 * completions from wherever the server put them. A command's data is in pieces, here more often than in the kernel.
 */
final class SimulatedTarget implements SharedRing, SimulatedFile {
    static final int BLOCK_BYTES = 4096;

    private static final int RING_BYTES = 8192 - Mailbox.LENGTH;
    private static final int MAX_COMMANDS = 256;
    private static final int NO_ENTRY = -1;
    private static final int OP_OF_THE_FUTURE = 5;

    /** Who sends the commands. */
    interface Initiator {
        /** A command has ended; its sense data, if any, begins with key, code and qualifier in fixed format. */
        void completed(int command, int status, int readBytes, int sense);
    }

    private final SeededRandom random;
    private final MemorySegment map;
    private final int descriptor;
    private final int dataOffset = Mailbox.LENGTH + RING_BYTES;
    private final int blocks;
    private final boolean[] used;
    private final boolean[] underWay = new boolean[MAX_COMMANDS];
    private final int[][] blocksOf = new int[MAX_COMMANDS][];
    private final int[] blockCount = new int[MAX_COMMANDS];
    private Initiator initiator = (command, status, readBytes, sense) -> {};
    private int head;
    private int lastCleaned;
    private SimulatedRing poller;
    private int pollEntry = NO_ENTRY;
    private boolean notified;
    private boolean closed;

    SimulatedTarget(SimulatedUring kernel, long seed, int blocks, int maxBlocksPerCommand) {
        this.random = new SeededRandom(seed);
        this.blocks = blocks;
        this.used = new boolean[blocks];
        this.map = kernel.pages(dataOffset + (long) blocks * BLOCK_BYTES);
        this.descriptor = kernel.addFile(this);
        for (int i = 0; i < MAX_COMMANDS; i++) {
            blocksOf[i] = new int[maxBlocksPerCommand];
        }
        map.set(Memory.SHORT, Mailbox.VERSION, (short) Mailbox.VERSION_2);
        map.set(Memory.SHORT, Mailbox.FLAGS, (short) 0xf);
        map.set(Memory.INT, Mailbox.CMDR_OFF, Mailbox.LENGTH);
        map.set(Memory.INT, Mailbox.CMDR_SIZE, RING_BYTES);
    }

    void initiator(Initiator who) {
        initiator = who;
    }

    // ---- the target's side

    /** A free command number with so many blocks of data, in random places; -1 when there is none. */
    int allocate(int dataBytes) {
        int wanted = (dataBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
        int command = 1 + random.below(MAX_COMMANDS - 1);
        if (underWay[command] || room() < entryBytes(wanted) * 2) {
            return NO_ENTRY;
        }
        int found = 0;
        int at = random.below(blocks);
        for (int i = 0; i < blocks && found < wanted; i++, at = at + 1 == blocks ? 0 : at + 1) {
            if (!used[at]) {
                blocksOf[command][found++] = at;
            }
        }
        if (found < wanted) {
            return NO_ENTRY;
        }
        blockCount[command] = wanted;
        for (int i = 0; i < wanted; i++) {
            used[blocksOf[command][i]] = true;
        }
        return command;
    }

    private int room() {
        return (lastCleaned - head - 1 + RING_BYTES) % RING_BYTES;
    }

    private static int entryBytes(int pieces) {
        return Math.max(RingEntry.LENGTH, RingEntry.IOV + 16 * pieces) + Cdb.MAX_BYTES;
    }

    /** Absolute address of a byte of a command's data. */
    long dataAddress(int command, int byteIndex) {
        int block = blocksOf[command][byteIndex / BLOCK_BYTES];
        return map.address() + dataOffset + (long) block * BLOCK_BYTES + byteIndex % BLOCK_BYTES;
    }

    /** Puts a command into the ring; neighbouring blocks are one piece. */
    void send(int command, byte[] cdb, int dataBytes) {
        disturb();
        int base = Math.max(RingEntry.LENGTH, RingEntry.IOV + 16 * blockCount[command]);
        int length = base + (int) Memory.roundUp(cdb.length, 8);
        if (RING_BYTES - head < length) {
            header(head, RingEntry.OP_PAD, RING_BYTES - head, 0);
            head = 0;
        }
        long entry = Mailbox.LENGTH + head;
        Absolute.zero(map.address() + entry, length);
        header(head, RingEntry.OP_CMD, length, command);
        map.set(Memory.INT, entry + RingEntry.IOV_CNT, writePieces(command, entry + RingEntry.IOV, dataBytes));
        map.set(Memory.LONG, entry + RingEntry.CDB_OFF, entry + base);
        MemorySegment.copy(cdb, 0, map, Memory.BYTE, entry + base, cdb.length);
        underWay[command] = true;
        advanceHead(length);
        notifyServer();
    }

    private int writePieces(int command, long at, int dataBytes) {
        int pieces = 0;
        int left = dataBytes;
        for (int i = 0; i < blockCount[command]; i++, left -= BLOCK_BYTES) {
            int bytes = Math.min(left, BLOCK_BYTES);
            if (i > 0 && blocksOf[command][i] == blocksOf[command][i - 1] + 1) {
                long last = at + 16L * (pieces - 1) + 8;
                map.set(Memory.LONG, last, map.get(Memory.LONG, last) + bytes);
            } else {
                map.set(Memory.LONG, at + 16L * pieces, dataOffset + (long) blocksOf[command][i] * BLOCK_BYTES);
                map.set(Memory.LONG, at + 16L * pieces++ + 8, bytes);
            }
        }
        return pieces;
    }

    /** Now and then something that is no command. */
    private void disturb() {
        int length = 32;
        if (random.chance(50) && RING_BYTES - head > length && room() > 600) {
            header(head, random.chance(500) ? RingEntry.OP_TMR : OP_OF_THE_FUTURE, length, 0);
            advanceHead(length);
        }
    }

    private void header(int at, int operation, int length, int command) {
        long entry = Mailbox.LENGTH + at;
        map.set(Memory.INT, entry + RingEntry.LEN_OP, length | operation);
        map.set(Memory.SHORT, entry + RingEntry.CMD_ID, (short) command);
        map.set(Memory.BYTE, entry + RingEntry.UFLAGS, (byte) 0);
    }

    private void advanceHead(int length) {
        head = (head + length) % RING_BYTES;
        Memory.setRelease(map, Mailbox.CMD_HEAD, head);
    }

    private void notifyServer() {
        notified = true;
        if (pollEntry != NO_ENTRY) {
            if (random.chance(20)) {
                // The completion queue was full once: the poll ends, and has to be asked for again.
                int entry = pollEntry;
                pollEntry = NO_ENTRY;
                poller.finish(entry, Sqe.POLLIN);
            } else {
                poller.finishMore(pollEntry, Sqe.POLLIN);
            }
        }
    }

    /** {@code tcmu_handle_completions}. */
    private void handleCompletions() {
        int tail = Memory.getAcquire(map, Mailbox.CMD_TAIL);
        while (lastCleaned != tail) {
            long entry = Mailbox.LENGTH + lastCleaned;
            int lengthAndOperation = map.get(Memory.INT, entry + RingEntry.LEN_OP);
            int operation = lengthAndOperation & RingEntry.OP_MASK;
            if (operation == RingEntry.OP_CMD) {
                complete(entry);
            } else if (operation == OP_OF_THE_FUTURE && map.get(Memory.BYTE, entry + RingEntry.UFLAGS) != 1) {
                throw new AssertionError("an unknown entry was not marked as such");
            }
            lastCleaned = (lastCleaned + (lengthAndOperation & ~RingEntry.OP_MASK)) % RING_BYTES;
        }
    }

    private void complete(long entry) {
        int command = map.get(Memory.SHORT, entry + RingEntry.CMD_ID) & 0xffff;
        if (command >= MAX_COMMANDS || !underWay[command]) {
            throw new AssertionError("command " + command + " was completed and is not under way");
        }
        int status = map.get(Memory.BYTE, entry + RingEntry.SCSI_STATUS) & 0xff;
        int flags = map.get(Memory.BYTE, entry + RingEntry.UFLAGS);
        int read = (flags & RingEntry.UFLAG_READ_LEN) != 0 ? map.get(Memory.INT, entry + RingEntry.READ_LEN) : 0;
        long sense = entry + RingEntry.SENSE_BUFFER;
        int key = map.get(Memory.BYTE, sense + 2) << 16
                | (map.get(Memory.BYTE, sense + 12) & 0xff) << 8
                | map.get(Memory.BYTE, sense + 13) & 0xff;
        initiator.completed(command, status, read, status == StatusMapping.CHECK_CONDITION ? key : 0);
        underWay[command] = false;
        for (int i = 0; i < blockCount[command]; i++) {
            used[blocksOf[command][i]] = false;
        }
    }

    /** The device is taken away. */
    boolean remove() {
        if (pollEntry == NO_ENTRY) {
            return false;
        }
        poller.finishMore(pollEntry, Sqe.POLLERR);
        return true;
    }

    boolean isClosed() {
        return closed;
    }

    // ---- what the server sees

    @Override
    public MemorySegment map() {
        return map;
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public void wakeUp() {
        handleCompletions();
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public int execute(SimulatedRing ring, int entry) {
        if (ring.opcode(entry) != Sqe.POLL_ADD || pollEntry != NO_ENTRY) {
            return -Errno.EINVAL;
        }
        poller = ring;
        pollEntry = entry;
        if (notified) {
            // uio_poll compares with what was read last, and nothing ever is: a poll that begins late misses nothing.
            ring.finishMore(entry, Sqe.POLLIN);
        }
        return PENDING;
    }

    @Override
    public String toString() {
        return "ring at " + head + ", cleaned to " + lastCleaned + ", " + Arrays.toString(underWay);
    }
}
