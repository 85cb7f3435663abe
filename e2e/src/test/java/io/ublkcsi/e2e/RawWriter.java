package io.ublkcsi.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.Set;

/**
 * Writes numbered generations of blocks to a part of a disk, in random order, and remembers of each block which one is
 * surely durable: it was flushed, or written with FUA, and that was acknowledged.
 */
final class RawWriter implements AcknowledgedWriter {
    private static final int BLOCK = 4096;
    private static final int SECTOR = 512;
    private static final int MAX_BATCH = 16;

    private final FileChannel device;
    private final long offset;
    private final boolean flushes;
    private final Random random;
    private final ByteBuffer buffer = DirectIo.block(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private final int[] written;
    private final int[] durable;

    /**
     * @param flushes after each batch; else every write is durable before it is acknowledged (O_DSYNC: FUA)
     */
    RawWriter(String device, long offset, int blocks, boolean flushes, long seed) throws IOException {
        Set<OpenOption> options = flushes
                ? Set.of(StandardOpenOption.WRITE, DirectIo.option())
                : Set.of(StandardOpenOption.WRITE, StandardOpenOption.DSYNC, DirectIo.option());
        this.device = FileChannel.open(Path.of(device), options);
        this.offset = offset;
        this.flushes = flushes;
        this.random = new Random(seed);
        this.written = new int[blocks];
        this.durable = new int[blocks];
    }

    @Override
    public void step() throws IOException {
        int[] batch = random.ints(1 + random.nextInt(MAX_BATCH), 0, durable.length)
                .distinct()
                .toArray();
        for (int block : batch) {
            int generation;
            synchronized (this) {
                generation = ++written[block];
            }
            fill(block, generation);
            device.write(buffer.clear(), offset + (long) block * BLOCK);
            if (!flushes) {
                acknowledge(block, generation);
            }
        }
        if (flushes) {
            int[] generations = new int[batch.length];
            for (int i = 0; i < batch.length; i++) {
                generations[i] = written[batch[i]];
            }
            device.force(false);
            for (int i = 0; i < batch.length; i++) {
                acknowledge(batch[i], generations[i]);
            }
        }
    }

    private synchronized void acknowledge(int block, int generation) {
        durable[block] = generation;
    }

    /** Every sector names its block and generation, so that a torn or misplaced one is seen. */
    private void fill(int block, int generation) {
        buffer.clear();
        for (int i = 0; i < BLOCK / Long.BYTES; i++) {
            buffer.putLong(word(block, generation, i));
        }
    }

    private static long word(int block, int generation, int index) {
        boolean first = index % (SECTOR / Long.BYTES) == 0;
        return first ? (long) block << 32 | generation : block * 31L + generation * 0x9e3779b97f4a7c15L + index;
    }

    @Override
    public synchronized Check acknowledged() {
        int[] atLeast = durable.clone();
        return root -> {
            int[] atMost = maximum();
            try (FileChannel image = FileChannel.open(root.resolve("volumes/raw.raw"), StandardOpenOption.READ)) {
                ByteBuffer content = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
                for (int block = 0; block < atLeast.length; block++) {
                    content.clear();
                    while (content.hasRemaining()
                            && image.read(content, offset + (long) block * BLOCK + content.position()) >= 0) {}
                    check(content, block, atLeast[block], atMost[block]);
                }
            }
        };
    }

    private synchronized int[] maximum() {
        return written.clone();
    }

    private void check(ByteBuffer content, int block, int atLeast, int atMost) {
        for (int sector = 0; sector < BLOCK; sector += SECTOR) {
            long head = content.getLong(sector);
            int generation = (int) head;
            if (head == 0 && atLeast == 0) {
                continue;
            }
            if (head >>> 32 != block || generation < atLeast || generation > atMost) {
                throw new AssertionError("block " + block + " at " + offset + ", sector " + sector / SECTOR
                        + ": holds block " + (head >>> 32) + ", generation " + generation
                        + "; acknowledged as durable was " + atLeast);
            }
            for (int i = sector / Long.BYTES + 1; i < (sector + SECTOR) / Long.BYTES; i++) {
                if (content.getLong(i * Long.BYTES) != word(block, generation, i)) {
                    throw new AssertionError("block " + block + ", generation " + generation + " is torn in a sector");
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
