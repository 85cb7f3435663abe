package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.block.TagFifo;
import io.ublkcsi.engine.sys.Errno;
import java.lang.foreign.MemorySegment;

/**
 * The commands under way that need the backend, a tag each, and how far each has come: a read or write goes piece by
 * piece of its shared memory, an UNMAP descriptor by descriptor, a WRITE SAME of anything but zeroes by the
 * {@link PatternBuffer}. Owned by the queue's thread.
 */
final class Steps {
    /** Nobody waits for what was released. */
    static final int NOBODY = -1;

    private static final int UNMAP_HEADER_BYTES = 8;
    private static final int UNMAP_DESCRIPTOR_BYTES = 16;
    private static final int FLUSH_FIRST = -1;

    private static final byte TRANSFER = 0;
    private static final byte SINGLE = 1;
    private static final byte UNMAP = 2;
    private static final byte PATTERN = 3;

    private final LogicalUnit unit;
    private final Requests requests;
    private final Segments segments;
    private final PatternBuffer pattern = new PatternBuffer();
    private final TagFifo waiting;
    private final byte[] kind;
    private final int[] operation;
    private final int[] flags;
    private final long[] offset;
    private final int[] total;
    private final int[] done;
    private final int[] index;
    private int patternOwner = NOBODY;
    private long refusedLba;

    Steps(LogicalUnit unit, Requests requests, Segments segments) {
        int depth = requests.depth();
        this.unit = unit;
        this.requests = requests;
        this.segments = segments;
        waiting = new TagFifo(depth);
        kind = new byte[depth];
        operation = new int[depth];
        flags = new int[depth];
        offset = new long[depth];
        total = new int[depth];
        done = new int[depth];
        index = new int[depth];
    }

    /** Sets out on a command; answers the sense data if it can't be done at all, else {@link Sense#NONE}. */
    int begin(int tag, ScsiCommand command) {
        refusedLba = -1;
        flags[tag] = command.isDurable() ? Requests.FUA : 0;
        done[tag] = 0;
        index[tag] = 0;
        return switch (command.kind()) {
            case ScsiCommand.READ -> beginTransfer(tag, command, BlockOperation.READ);
            case ScsiCommand.WRITE -> beginTransfer(tag, command, BlockOperation.WRITE);
            case ScsiCommand.FLUSH -> beginSingle(tag, BlockOperation.FLUSH, 0, 0);
            case ScsiCommand.UNMAP -> beginUnmap(tag, command.listBytes());
            default -> beginWriteSame(tag, command);
        };
    }

    /** The block that a refusal by {@link #begin} is about, or -1. */
    long refusedLba() {
        return refusedLba;
    }

    /** One of {@link BlockOperation}: what the command comes to. */
    int operation(int tag) {
        return operation[tag];
    }

    /** How much the command moves or zeroes. */
    int countedBytes(int tag) {
        return total[tag];
    }

    private void describe(int tag, byte steps, int what, long firstByte, int bytes) {
        kind[tag] = steps;
        operation[tag] = what;
        offset[tag] = firstByte;
        total[tag] = bytes;
    }

    private int beginTransfer(int tag, ScsiCommand command, int what) {
        int blockBytes = unit.blockBytes();
        int bytes = (int) (command.blocks() * blockBytes);
        describe(tag, TRANSFER, what, command.lba() * blockBytes, bytes);
        if (segments.bytes(tag) < bytes) {
            return Sense.INVALID_FIELD_IN_CDB;
        }
        for (int i = 0, left = bytes; left > 0; i++) {
            int part = Math.min(left, segments.length(tag, i));
            if (part % blockBytes != 0) {
                return Sense.INTERNAL_TARGET_FAILURE;
            }
            left -= part;
        }
        if (what == BlockOperation.READ && command.isDurable() && unit.limits().volatileCache()) {
            index[tag] = FLUSH_FIRST;
        }
        return Sense.NONE;
    }

    private int beginSingle(int tag, int what, long firstByte, int bytes) {
        describe(tag, SINGLE, what, firstByte, bytes);
        return Sense.NONE;
    }

    private int beginUnmap(int tag, int listBytes) {
        MemorySegment map = segments.map();
        if (listBytes < UNMAP_HEADER_BYTES || segments.bytes(tag) < listBytes) {
            return Sense.PARAMETER_LIST_LENGTH_ERROR;
        }
        long list = segments.offset(tag, 0);
        int descriptorBytes = segments.length(tag, 0) < UNMAP_HEADER_BYTES ? -1 : BigEndian.get16(map, list + 2);
        int most = Math.min(listBytes, segments.length(tag, 0)) - UNMAP_HEADER_BYTES;
        int descriptors = descriptorBytes / UNMAP_DESCRIPTOR_BYTES;
        if (descriptorBytes < 0 || descriptorBytes > most || descriptors > LogicalUnit.MAX_UNMAP_DESCRIPTORS) {
            return Sense.INVALID_FIELD_IN_PARAMETER_LIST;
        }
        long sum = 0;
        for (int i = 0; i < descriptors; i++) {
            long first = BigEndian.get64(map, descriptorAt(tag, i));
            long count = BigEndian.get32(map, descriptorAt(tag, i) + 8);
            if (first < 0 || first > unit.blocks() - count) {
                refusedLba = first;
                return Sense.LBA_OUT_OF_RANGE;
            }
            sum += count;
        }
        if (sum > unit.maxZeroingBlocks()) {
            return Sense.INVALID_FIELD_IN_PARAMETER_LIST;
        }
        describe(tag, UNMAP, BlockOperation.DISCARD, descriptors, (int) (sum * unit.blockBytes()));
        return Sense.NONE;
    }

    private long descriptorAt(int tag, int descriptor) {
        return segments.offset(tag, 0) + UNMAP_HEADER_BYTES + (long) descriptor * UNMAP_DESCRIPTOR_BYTES;
    }

    private int beginWriteSame(int tag, ScsiCommand command) {
        int blockBytes = unit.blockBytes();
        long firstByte = command.lba() * blockBytes;
        int bytes = (int) (command.blocks() * blockBytes);
        boolean data = !command.isWithoutData();
        if (data && (segments.bytes(tag) != blockBytes || segments.length(tag, 0) < blockBytes)) {
            return Sense.INVALID_FIELD_IN_CDB;
        }
        if (data && !segments.isZero(tag, 0, blockBytes)) {
            describe(tag, PATTERN, BlockOperation.WRITE, firstByte, bytes);
            return Sense.NONE;
        }
        flags[tag] = command.unmaps() ? 0 : Requests.NO_UNMAP;
        return beginSingle(tag, BlockOperation.WRITE_ZEROES, firstByte, bytes);
    }

    /**
     * Writes the command's next step into the table of requests; false when there is none, or none for now.
     *
     * @see #isWaiting
     */
    boolean prepare(int tag) {
        return switch (kind[tag]) {
            case TRANSFER -> prepareTransfer(tag);
            case SINGLE -> prepareSingle(tag);
            case UNMAP -> prepareUnmap(tag);
            default -> preparePattern(tag);
        };
    }

    /** Whether the command waits for another to end. */
    boolean isWaiting(int tag) {
        return kind[tag] == PATTERN && patternOwner != tag && done[tag] < total[tag];
    }

    private boolean prepareTransfer(int tag) {
        if (index[tag] == FLUSH_FIRST) {
            requests.set(tag, BlockOperation.FLUSH, 0, 0, 0);
            return true;
        }
        if (done[tag] == total[tag]) {
            return false;
        }
        while (segments.length(tag, index[tag]) == 0) {
            index[tag]++;
        }
        int part = Math.min(segments.length(tag, index[tag]), total[tag] - done[tag]);
        requests.set(tag, operation[tag], flags[tag], offset[tag] + done[tag], part);
        requests.setData(tag, segments.address(tag, index[tag]), Requests.NO_BUFFER);
        return true;
    }

    private boolean prepareSingle(int tag) {
        requests.set(tag, operation[tag], flags[tag], offset[tag], total[tag]);
        return index[tag] == 0;
    }

    /** The list is read again, from memory that is not ours; what it says now is the backend's to check. */
    private boolean prepareUnmap(int tag) {
        while (index[tag] < offset[tag]) {
            long at = descriptorAt(tag, index[tag]);
            long first = BigEndian.get64(segments.map(), at);
            long bytes = BigEndian.get32(segments.map(), at + 8) * unit.blockBytes();
            if (bytes > 0) {
                requests.set(tag, operation[tag], 0, first * unit.blockBytes(), (int)
                        Math.min(bytes, LogicalUnit.MAX_ZEROING_BYTES));
                return true;
            }
            index[tag]++;
        }
        return false;
    }

    private boolean preparePattern(int tag) {
        if (done[tag] == total[tag]) {
            return false;
        }
        if (patternOwner == NOBODY) {
            patternOwner = tag;
            pattern.fill(segments.map(), segments.offset(tag, 0), unit.blockBytes());
        }
        if (patternOwner != tag) {
            waiting.add(tag);
            return false;
        }
        int part = Math.min(pattern.bytes(), total[tag] - done[tag]);
        requests.set(tag, BlockOperation.WRITE, flags[tag], offset[tag] + done[tag], part);
        requests.setData(tag, pattern.address(), Requests.NO_BUFFER);
        return true;
    }

    /** A step has ended; answers 0, or {@code -errno} when that ends the command. */
    int finish(int tag, int result) {
        int step = requests.operation(tag);
        boolean moves = step == BlockOperation.READ || step == BlockOperation.WRITE;
        if (result < 0 || moves && result != requests.length(tag)) {
            return result < 0 ? result : -Errno.EIO;
        }
        if (moves) {
            done[tag] += result;
        }
        index[tag]++;
        return 0;
    }

    /** The command has ended; answers the tag that may go on now, or {@link #NOBODY}. */
    int release(int tag) {
        if (patternOwner != tag) {
            return NOBODY;
        }
        patternOwner = NOBODY;
        return waiting.isEmpty() ? NOBODY : waiting.remove();
    }

    void close() {
        pattern.close();
    }
}
