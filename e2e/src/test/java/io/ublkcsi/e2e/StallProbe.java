package io.ublkcsi.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes and reads one block after the other, and knows what has to be in each: sees how long I/O stood still, what
 * failed, and what came back wrong, be it old data over new.
 */
final class StallProbe implements AutoCloseable {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 512;

    private final FileChannel device;
    private final ByteBuffer buffer = DirectIo.block(BLOCK);
    private final long[] written = new long[BLOCKS];
    private final Random random;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile boolean paused;
    private volatile long operations;
    private volatile long errors;
    private volatile long mismatches;
    private volatile long longestNs;
    private volatile String firstFailure = "";

    StallProbe(String path, long seed) throws IOException {
        device = FileChannel.open(Path.of(path), StandardOpenOption.READ, StandardOpenOption.WRITE, DirectIo.option());
        random = new Random(seed);
        thread = Thread.ofPlatform().name("probe").daemon().start(this::run);
    }

    private void run() {
        while (!stopping) {
            while (paused && !stopping) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            int block = random.nextInt(BLOCKS);
            boolean write = written[block] == 0 || random.nextInt(4) != 0;
            long startNs = System.nanoTime();
            try {
                if (write) {
                    write(block);
                } else {
                    check(block);
                }
            } catch (IOException failure) {
                errors++;
                note(failure.toString());
            }
            longestNs = Math.max(longestNs, System.nanoTime() - startNs);
            operations++;
        }
    }

    private void write(int block) throws IOException {
        long sequence = operations + 1;
        fill(block, sequence);
        device.write(buffer, (long) block * BLOCK);
        written[block] = sequence;
    }

    private void fill(int block, long sequence) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.putLong(sequence).putLong(block);
        }
        buffer.flip();
    }

    private void check(int block) throws IOException {
        buffer.clear();
        device.read(buffer, (long) block * BLOCK);
        for (int at = 0; at < BLOCK; at += 2 * Long.BYTES) {
            if (buffer.getLong(at) != written[block] || buffer.getLong(at + Long.BYTES) != block) {
                mismatches++;
                note("block " + block + " at " + at + " has write " + buffer.getLong(at) + " of block "
                        + buffer.getLong(at + Long.BYTES) + ", and not " + written[block]);
                return;
            }
        }
    }

    private void note(String failure) {
        if (firstFailure.isEmpty()) {
            firstFailure = failure;
        }
    }

    /** No more I/O, but for what is under way, until {@link #goOn}. */
    void pause() {
        paused = true;
    }

    void goOn() {
        paused = false;
    }

    /** From here on the longest operation is looked for anew. */
    void reset() {
        longestNs = 0;
    }

    /** The longest operation since then, once some more have ended. */
    double longestMs() {
        long before = operations;
        Engines.await("I/O of the probe", () -> operations > before + 20);
        return longestNs / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    long errors() {
        return errors;
    }

    long mismatches() {
        return mismatches;
    }

    String firstFailure() {
        return firstFailure;
    }

    /** Stops, and reads everything once more. */
    @Override
    public void close() throws IOException {
        stopping = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        try (device) {
            for (int block = 0; block < BLOCKS; block++) {
                if (written[block] != 0) {
                    check(block);
                }
            }
        }
    }
}
