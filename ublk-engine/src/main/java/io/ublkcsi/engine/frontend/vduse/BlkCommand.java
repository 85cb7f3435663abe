package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Turns chains of descriptors into requests of the block layer (virtio 1.2, section 5.2.6). A chain that is a valid
 * chain and no valid request is answered with an error; owned by a queue's thread.
 */
final class BlkCommand {
    /** {@link #decode}: it is for the backend. */
    static final int FOR_BACKEND = -1;

    private static final int VECTOR_BYTES = BlkConfig.SEGMENTS * Iovec.LENGTH;

    private final Requests requests;
    private final Chain chain;
    private final int logicalBytes;
    private final MemorySegment serial;
    private final MemorySegment scratch = Arena.ofAuto().allocate(BlkRequest.LENGTH, 8);
    private final MemorySegment vectors;
    private final long[] statusAt;
    private final int[] written;

    /**
     * @param serial {@link BlkRequest#ID_BYTES} bytes
     */
    BlkCommand(Requests requests, Iotlb iotlb, int logicalBytes, MemorySegment serial) {
        this.requests = requests;
        this.chain = new Chain(iotlb);
        this.logicalBytes = logicalBytes;
        this.serial = serial;
        int depth = requests.depth();
        this.vectors = Memory.allocatePages(Memory.roundUp((long) depth * VECTOR_BYTES, Memory.PAGE_BYTES));
        this.statusAt = new long[depth];
        this.written = new int[depth];
    }

    /**
     * Reads a chain, and fills the request of its first descriptor's number in.
     *
     * @return {@link #FOR_BACKEND}, or the status that the request ends with at once
     * @throws VirtqueueException when it is no valid chain
     */
    int decode(SplitQueue queue, int head) {
        chain.read(queue, head);
        if (chain.writableBytes() < 1) {
            throw new VirtqueueException("a request has no room for its status");
        }
        statusAt[head] = chain.dropLastByte();
        written[head] = 1;
        if (chain.copyOut(scratch.address(), BlkRequest.LENGTH) < BlkRequest.LENGTH) {
            return BlkRequest.S_IOERR;
        }
        chain.dropFront(BlkRequest.LENGTH);
        int type = scratch.get(Memory.INT, BlkRequest.TYPE);
        long sector = scratch.get(Memory.LONG, BlkRequest.SECTOR);
        return switch (type) {
            case BlkRequest.T_IN -> transfer(head, BlockOperation.READ, sector, chain.readableBytes());
            case BlkRequest.T_OUT -> transfer(head, BlockOperation.WRITE, sector, chain.writableBytes());
            case BlkRequest.T_FLUSH -> flush(head);
            case BlkRequest.T_DISCARD -> range(head, BlockOperation.DISCARD);
            case BlkRequest.T_WRITE_ZEROES -> range(head, BlockOperation.WRITE_ZEROES);
            case BlkRequest.T_GET_ID -> serial(head);
            default -> BlkRequest.S_UNSUPP;
        };
    }

    /**
     * @param wrongWay bytes of the chain's memory that go the other way
     */
    private int transfer(int head, int operation, long sector, long wrongWay) {
        long bytes = chain.readableBytes() + chain.writableBytes();
        boolean whole = bytes > 0 && bytes % logicalBytes == 0 && bytes <= Integer.MAX_VALUE;
        if (!whole || wrongWay != 0 || !isPlace(sector) || chain.pieces() > BlkConfig.SEGMENTS) {
            return BlkRequest.S_IOERR;
        }
        requests.set(head, operation, 0, sector * Requests.SECTOR_BYTES, (int) bytes);
        if (chain.pieces() == 1) {
            requests.setData(head, chain.address(0), Requests.NO_BUFFER);
        } else {
            requests.setPieces(head, vector(head), chain.pieces());
        }
        written[head] = operation == BlockOperation.READ ? (int) bytes + 1 : 1;
        return FOR_BACKEND;
    }

    private long vector(int head) {
        long at = (long) head * VECTOR_BYTES;
        for (int piece = 0; piece < chain.pieces(); piece++, at += Iovec.LENGTH) {
            vectors.set(Memory.LONG, at + Iovec.IOV_BASE, chain.address(piece));
            vectors.set(Memory.LONG, at + Iovec.IOV_LEN, (long) chain.length(piece));
        }
        return vectors.address() + (long) head * VECTOR_BYTES;
    }

    private boolean isPlace(long sector) {
        return sector >= 0 && sector < Long.MAX_VALUE / Requests.SECTOR_BYTES && isAligned(sector);
    }

    private boolean isAligned(long sectors) {
        return (sectors & logicalBytes / Requests.SECTOR_BYTES - 1) == 0;
    }

    private int flush(int head) {
        requests.set(head, BlockOperation.FLUSH, 0, 0, 0);
        return FOR_BACKEND;
    }

    /** One range, because we offer no more in a request. */
    private int range(int head, int operation) {
        if (chain.readableBytes() != BlkRange.LENGTH) {
            return BlkRequest.S_IOERR;
        }
        chain.copyOut(scratch.address(), BlkRange.LENGTH);
        long sector = scratch.get(Memory.LONG, BlkRange.SECTOR);
        long sectors = scratch.get(Memory.INT, BlkRange.NUM_SECTORS) & 0xffffffffL;
        int flags = scratch.get(Memory.INT, BlkRange.FLAGS);
        boolean zeroes = operation == BlockOperation.WRITE_ZEROES;
        if ((flags & ~(zeroes ? BlkRange.FLAG_UNMAP : 0)) != 0) {
            return BlkRequest.S_UNSUPP;
        }
        if (!isPlace(sector) || !isAligned(sectors) || sectors == 0 || sectors > BlkConfig.DISCARD_SECTORS) {
            return BlkRequest.S_IOERR;
        }
        int keep = zeroes && (flags & BlkRange.FLAG_UNMAP) == 0 ? Requests.NO_UNMAP : 0;
        int bytes = (int) (sectors * Requests.SECTOR_BYTES);
        requests.set(head, operation, keep, sector * Requests.SECTOR_BYTES, bytes);
        return FOR_BACKEND;
    }

    private int serial(int head) {
        long left = Math.min(serial.byteSize(), chain.writableBytes());
        written[head] += (int) left;
        long from = serial.address();
        for (int piece = chain.readable(); left > 0; piece++) {
            long part = Math.min(left, chain.length(piece));
            Memory.copy(from, chain.address(piece), part);
            from += part;
            left -= part;
        }
        return BlkRequest.S_OK;
    }

    /** Writes a request's status to where its driver wants it; answers how many bytes were written in all. */
    int answer(int head, int status) {
        Memory.putByte(statusAt[head], status);
        return status == BlkRequest.S_OK ? written[head] : 1;
    }

    void close() {
        Memory.freePages(vectors);
    }
}
