package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.sys.Memory;

/**
 * One chain of descriptors, read once from memory that its driver may change at any time, and checked: its memory is
 * the driver's, what we read stands before what we write, and it ends. Owned by a queue's thread; used for one chain
 * after the other.
 */
final class Chain {
    /** Header and status beside the data. */
    static final int MAX_PIECES = BlkConfig.SEGMENTS + 2;

    private final Iotlb iotlb;
    private final long[] address = new long[MAX_PIECES];
    private final int[] length = new int[MAX_PIECES];
    private int pieces;
    private int readable;
    private long readableBytes;
    private long writableBytes;

    Chain(Iotlb iotlb) {
        this.iotlb = iotlb;
    }

    /** Pieces of memory, those that we read first. */
    int pieces() {
        return pieces;
    }

    /** How many of {@link #pieces} we read. */
    int readable() {
        return readable;
    }

    long readableBytes() {
        return readableBytes;
    }

    long writableBytes() {
        return writableBytes;
    }

    long address(int piece) {
        return address[piece];
    }

    int length(int piece) {
        return length[piece];
    }

    /**
     * Reads the chain that begins with descriptor {@code head}.
     *
     * @throws VirtqueueException when it breaks a rule
     */
    void read(SplitQueue queue, int head) {
        pieces = 0;
        readable = 0;
        readableBytes = 0;
        writableBytes = 0;
        long table = queue.descriptorTable();
        int size = queue.size();
        int index = head;
        boolean inIndirect = false;
        for (int steps = 0; ; steps++) {
            if (index >= size || steps > MAX_PIECES) {
                throw new VirtqueueException(
                        index >= size
                                ? "a chain goes on at descriptor " + index + " of " + size
                                : "a chain has more than " + MAX_PIECES + " descriptors, or goes round");
            }
            long at = table + (long) index * Vring.DESC_LENGTH;
            long iova = Memory.longAt(at + Vring.DESC_ADDR);
            long rest = Memory.longAt(at + Vring.DESC_LEN);
            long bytes = rest & 0xffffffffL;
            int flags = (int) (rest >>> 32) & 0xffff;
            if ((flags & Vring.DESC_F_INDIRECT) != 0) {
                checkIndirect(queue, inIndirect, flags, bytes);
                table = translate(iova, bytes, false);
                size = (int) (bytes / Vring.DESC_LENGTH);
                index = 0;
                inIndirect = true;
                continue;
            }
            add(iova, bytes, (flags & Vring.DESC_F_WRITE) != 0);
            if ((flags & Vring.DESC_F_NEXT) == 0) {
                return;
            }
            index = (int) (rest >>> 48);
        }
    }

    private static void checkIndirect(SplitQueue queue, boolean inIndirect, int flags, long bytes) {
        if (!queue.indirect() || inIndirect || (flags & Vring.DESC_F_NEXT) != 0) {
            throw new VirtqueueException("a table of descriptors stands where none may");
        }
        if (bytes == 0 || bytes % Vring.DESC_LENGTH != 0 || bytes > Vring.descriptorBytes(Vring.MAX_SIZE)) {
            throw new VirtqueueException("a table of descriptors is " + bytes + " bytes long");
        }
    }

    private void add(long iova, long bytes, boolean write) {
        if (bytes == 0) {
            return;
        }
        if (!write && pieces > readable) {
            throw new VirtqueueException("a chain has memory to read behind memory to write");
        }
        if (pieces == MAX_PIECES || bytes > Integer.MAX_VALUE) {
            throw new VirtqueueException(
                    "a chain has more than " + MAX_PIECES + " pieces, or one of " + bytes + " bytes");
        }
        address[pieces] = translate(iova, bytes, write);
        length[pieces] = (int) bytes;
        pieces++;
        if (write) {
            writableBytes += bytes;
        } else {
            readableBytes += bytes;
            readable++;
        }
    }

    private long translate(long iova, long bytes, boolean write) {
        long at = iotlb.translate(iova, bytes, write);
        if (at == Iotlb.NOWHERE) {
            throw new VirtqueueException(bytes + " bytes at " + Long.toHexString(iova) + " are not memory of its own");
        }
        return at;
    }

    /** Copies what stands first in the memory to read; answers how many bytes there were, at most {@code bytes}. */
    int copyOut(long to, int bytes) {
        int done = 0;
        for (int piece = 0; piece < readable && done < bytes; piece++) {
            int part = Math.min(length[piece], bytes - done);
            Memory.copy(address[piece], to + done, part);
            done += part;
        }
        return done;
    }

    /** Takes bytes away from the front of the memory to read. */
    void dropFront(int bytes) {
        int rest = bytes;
        int piece = 0;
        while (rest > 0 && rest >= length[piece]) {
            rest -= length[piece++];
        }
        if (rest > 0) {
            address[piece] += rest;
            length[piece] -= rest;
        }
        pieces -= piece;
        readable -= piece;
        readableBytes -= bytes;
        System.arraycopy(address, piece, address, 0, pieces);
        System.arraycopy(length, piece, length, 0, pieces);
    }

    /** Takes the last byte of the memory to write away, which is there; answers its address. */
    long dropLastByte() {
        int last = pieces - 1;
        long at = address[last] + --length[last];
        writableBytes--;
        if (length[last] == 0) {
            pieces--;
        }
        return at;
    }
}
