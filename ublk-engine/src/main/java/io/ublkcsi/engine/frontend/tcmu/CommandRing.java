package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.MemorySegment;

/**
 * The command ring that the kernel's target shares with us: takes commands in order, completes them in any. Owned by
 * the queue's thread; allocates nothing after it was made.
 *
 * <p>Nothing in the shared memory is believed: every offset and length is read once and checked against the mapping
 * before it is used. Where an entry's response goes is remembered here, not read back.
 */
final class CommandRing {
    private final MemorySegment map;
    private final int ringOffset;
    private final int ringBytes;
    private final long dataOffset;
    private final Cdb cdb = new Cdb();
    /** Starts of the command entries that were taken and whose place is not used up by a completion yet. */
    private final int[] taken;

    private int firstTaken;
    private int takenCount;
    private int readAt;
    private int tail;
    private int publishedTail;
    private int commandId;
    private int segments;
    private boolean bidirectional;
    private long segmentsAt;

    /**
     * @param map all of what {@code /dev/uioN} shows
     * @param depth how many commands may be taken and not completed
     * @throws RingBrokenException when this is no ring that we know how to serve
     */
    CommandRing(MemorySegment map, int depth) {
        check(map.byteSize() >= Mailbox.LENGTH, "the mapping is smaller than a mailbox");
        this.map = map;
        int version = map.get(Memory.SHORT, Mailbox.VERSION);
        check(version == Mailbox.VERSION_2, "the version of its mailbox", version, Mailbox.VERSION_2);
        int wanted = Mailbox.FLAG_CAP_OOOC | Mailbox.FLAG_CAP_READ_LEN;
        check((map.get(Memory.SHORT, Mailbox.FLAGS) & wanted) == wanted, "it cannot complete out of order");
        ringOffset = map.get(Memory.INT, Mailbox.CMDR_OFF);
        ringBytes = map.get(Memory.INT, Mailbox.CMDR_SIZE);
        check(ringOffset >= Mailbox.LENGTH && ringOffset % RingEntry.OP_ALIGN_SIZE == 0, "its ring begins nowhere");
        check(ringBytes >= RingEntry.LENGTH && ringBytes % RingEntry.OP_ALIGN_SIZE == 0, "its ring has no size");
        dataOffset = (long) ringOffset + ringBytes;
        check(dataOffset <= map.byteSize(), "its ring ends behind the mapping");
        taken = new int[depth];
        readAt = map.get(Memory.INT, Mailbox.CMD_TAIL);
        checkPlace(readAt);
        tail = readAt;
        publishedTail = readAt;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new RingBrokenException("the target's command ring is broken: " + what);
        }
    }

    /** With the numbers in the message made only when they are wanted. */
    private static void check(boolean holds, String what, long found, long limit) {
        if (!holds) {
            throw new RingBrokenException(
                    "the target's command ring is broken: " + what + " is " + found + ", the limit " + limit);
        }
    }

    private void checkPlace(int place) {
        boolean inside = place >= 0 && place < ringBytes && place % RingEntry.OP_ALIGN_SIZE == 0;
        check(inside, "a place in the ring", place, ringBytes);
    }

    /**
     * Goes on to the next command; what is no command is passed over. Its fields are valid until the next call.
     *
     * @return false when there is none now
     */
    boolean take() {
        int head = Memory.getAcquire(map, Mailbox.CMD_HEAD);
        checkPlace(head);
        check(map.get(Memory.INT, Mailbox.CMD_TAIL) == publishedTail, "somebody else has reset it or completes in it");
        while (readAt != head) {
            int at = readAt;
            int lengthAndOperation = map.get(Memory.INT, ringOffset + at + RingEntry.LEN_OP);
            int length = lengthAndOperation & ~RingEntry.OP_MASK;
            int most = head > at ? head - at : ringBytes - at;
            check(length > 0 && length <= most, "the length of an entry", length, most);
            readAt = at + length == ringBytes ? 0 : at + length;
            int operation = lengthAndOperation & RingEntry.OP_MASK;
            if (operation == RingEntry.OP_CMD) {
                takeCommand(at, length);
                return true;
            }
            passOver(at, operation);
        }
        return false;
    }

    private void passOver(int at, int operation) {
        if (operation != RingEntry.OP_PAD && operation != RingEntry.OP_TMR) {
            map.set(Memory.BYTE, ringOffset + at + RingEntry.UFLAGS, (byte) RingEntry.UFLAG_UNKNOWN_OP);
        }
        if (takenCount == 0) {
            tail = readAt;
        }
    }

    private void takeCommand(int at, int length) {
        check(length >= RingEntry.LENGTH, "the length of a command", length, ringBytes);
        check(takenCount < taken.length, "the number of commands under way", takenCount + 1L, taken.length);
        long entry = (long) ringOffset + at;
        commandId = map.get(Memory.SHORT, entry + RingEntry.CMD_ID) & 0xffff;
        long in = Integer.toUnsignedLong(map.get(Memory.INT, entry + RingEntry.IOV_CNT));
        long back = Integer.toUnsignedLong(map.get(Memory.INT, entry + RingEntry.IOV_BIDI_CNT));
        long protection = Integer.toUnsignedLong(map.get(Memory.INT, entry + RingEntry.IOV_DIF_CNT));
        long room = ((long) length - RingEntry.IOV) / Iovec.LENGTH;
        check(in + back + protection <= room, "the number of a command's pieces of data", in, room);
        segments = (int) in;
        bidirectional = back != 0;
        segmentsAt = entry + RingEntry.IOV;
        long cdbAt = map.get(Memory.LONG, entry + RingEntry.CDB_OFF);
        check(cdbAt >= segmentsAt && cdbAt < entry + length, "the place of a CDB", cdbAt, entry + length);
        cdb.read(map, cdbAt, (int) Math.min(Cdb.MAX_BYTES, entry + length - cdbAt));
        int last = firstTaken + takenCount++;
        taken[last < taken.length ? last : last - taken.length] = at;
    }

    boolean isFull() {
        return takenCount == taken.length;
    }

    int inFlight() {
        return takenCount;
    }

    /** The kernel's name for the command; comes back with its completion. */
    int commandId() {
        return commandId;
    }

    /** Our copy of the command's CDB. */
    Cdb cdb() {
        return cdb;
    }

    /** Pieces that the command's data is in. */
    int segments() {
        return segments;
    }

    /** Whether the command has data both ways, which nothing that we offer has. */
    boolean isBidirectional() {
        return bidirectional;
    }

    /** Where a piece of the current command's data begins, from the start of the mapping; lies in the data area. */
    long segmentOffset(int index) {
        long offset = map.get(Memory.LONG, segmentsAt + (long) index * Iovec.LENGTH + Iovec.IOV_BASE);
        check(offset >= dataOffset && offset <= map.byteSize(), "the place of data", offset, map.byteSize());
        return offset;
    }

    /** How long a piece is that begins at {@code offset}. */
    int segmentLength(int index, long offset) {
        long length = map.get(Memory.LONG, segmentsAt + (long) index * Iovec.LENGTH + Iovec.IOV_LEN);
        boolean inside = length >= 0 && length <= map.byteSize() - offset && length <= Integer.MAX_VALUE;
        check(inside, "the length of data", length, map.byteSize() - offset);
        return (int) length;
    }

    /**
     * Completes a command that was taken, in the place of the oldest one whose place is still free.
     *
     * @param status SCSI status
     * @param readBytes how much of a read's data is valid; 0: all, or not a read
     * @param sense its sense data, {@code senseBytes} long
     */
    void complete(int command, int status, int readBytes, MemorySegment sense, int senseBytes) {
        check(takenCount > 0, "a completion too many, command", command, 0);
        long entry = (long) ringOffset + taken[firstTaken];
        firstTaken = firstTaken + 1 == taken.length ? 0 : firstTaken + 1;
        takenCount--;
        map.set(Memory.SHORT, entry + RingEntry.CMD_ID, (short) command);
        map.set(Memory.BYTE, entry + RingEntry.UFLAGS, (byte) (readBytes > 0 ? RingEntry.UFLAG_READ_LEN : 0));
        map.set(Memory.INT, entry + RingEntry.SCSI_STATUS, status);
        map.set(Memory.INT, entry + RingEntry.READ_LEN, readBytes);
        MemorySegment.copy(sense, 0, map, entry + RingEntry.SENSE_BUFFER, senseBytes);
        tail = takenCount == 0 ? readAt : taken[firstTaken];
    }

    /** Shows the kernel what was completed; false when that is nothing new. */
    boolean publish() {
        if (tail == publishedTail) {
            return false;
        }
        Memory.setRelease(map, Mailbox.CMD_TAIL, tail);
        publishedTail = tail;
        return true;
    }
}
