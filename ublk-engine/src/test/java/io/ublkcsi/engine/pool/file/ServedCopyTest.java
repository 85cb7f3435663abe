package io.ublkcsi.engine.pool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.backend.BackendRig;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockOperation;
import io.ublkcsi.engine.pool.OpenOptions;
import io.ublkcsi.engine.pool.Origin;
import io.ublkcsi.engine.pool.Provisioning;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeState;
import io.ublkcsi.engine.pool.VolumeUse;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A volume in use is copied as it was at one moment; on this machine's io_uring, and its file system. */
class ServedCopyTest {
    private static final int BLOCK = 4096;
    private static final int PIECE = BackendRig.BUFFER_BYTES;
    private static final int SIZE = 8 << 20;
    private static final int SNAPSHOTS = 10;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final UringSyscalls kernel = BackendRig.machinesKernel();
    private final PoolFolderFixture folder = new PoolFolderFixture();
    private FilePool pool;
    private BackendRig rig;

    @BeforeEach
    void serve() {
        pool = folder.open();
        pool.createVolume(new VolumeRequest("v", SIZE, Provisioning.THIN, BLOCK, null), VolumeUse.UNUSED);
        rig = new BackendRig(kernel, pool.openBackend("v", OpenOptions.READ_WRITE));
    }

    @AfterEach
    void close() {
        rig.close();
        pool.close();
        folder.close();
    }

    private void fill(char letter) {
        byte[] bytes = new byte[PIECE];
        Arrays.fill(bytes, (byte) letter);
        for (long offset = 0; offset < SIZE; offset += PIECE) {
            rig.write(offset, bytes, 0);
        }
    }

    private static byte[] filled(char letter) {
        byte[] bytes = new byte[SIZE];
        Arrays.fill(bytes, (byte) letter);
        return bytes;
    }

    private void awaitReady(String snapshot) {
        Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> pool.snapshot(snapshot).state() == VolumeState.READY);
    }

    /** The call itself waits a little for the copy; this answers as soon as the moment is fixed. */
    private CompletableFuture<Void> begin(String snapshot) {
        var copying = CompletableFuture.runAsync(() -> pool.createSnapshot(snapshot, "v", VolumeUse.UNUSED));
        Awaitility.await()
                .atMost(LIMIT)
                .ignoreExceptions()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> !Files.readString(folder.snapshotRecord(snapshot)).contains("CREATING"));
        return copying;
    }

    @Test
    void whatIsOverwrittenAtOnceIsInTheSnapshot() throws IOException {
        fill('a');
        for (char letter : new char[] {'b', 'c', 'd'}) {
            var copying = begin("s" + letter);
            fill(letter);
            copying.join();
            awaitReady("s" + letter);
        }
        assertThat(Files.readAllBytes(folder.snapshotImage("sb"))).isEqualTo(filled('a'));
        assertThat(Files.readAllBytes(folder.snapshotImage("sc"))).isEqualTo(filled('b'));
        assertThat(Files.readAllBytes(folder.snapshotImage("sd"))).isEqualTo(filled('c'));
        assertThat(rig.read(SIZE - PIECE, PIECE)).containsOnly('d');
    }

    @Test
    void whatIsDiscardedAtOnceIsInTheSnapshot() throws IOException {
        fill('a');
        var copying = begin("s");
        assertThat(rig.run(3, BlockOperation.DISCARD, 0, 0, SIZE)).isZero();
        copying.join();
        awaitReady("s");
        assertThat(Files.readAllBytes(folder.snapshotImage("s"))).isEqualTo(filled('a'));
        assertThat(rig.read(0, PIECE)).containsOnly(0);
    }

    /** A writer stores a counter in the first block, then in the last: in no copy is the last ahead, or far behind. */
    @Test
    void copiesUnderAWriterAreNeverTorn() throws IOException {
        fill('a');
        long counter = 0;
        for (int i = 0; i < SNAPSHOTS; i++) {
            String id = "s" + i;
            var copying = CompletableFuture.runAsync(() -> {
                pool.createSnapshot(id, "v", VolumeUse.UNUSED);
                awaitReady(id);
            });
            do {
                counter++;
                store(0, counter);
                store(SIZE - BLOCK, counter);
            } while (!copying.isDone());
            copying.join();
            long first = counterAt(folder.snapshotImage(id), 0);
            long last = counterAt(folder.snapshotImage(id), SIZE - BLOCK);
            assertThat(first - last).as("%s: %d and %d", id, first, last).isBetween(0L, 1L);
            assertThat(first).isLessThanOrEqualTo(counter);
        }
        assertThat(pool.snapshots()).hasSize(SNAPSHOTS);
    }

    private void store(long offset, long counter) {
        rig.write(offset, ByteBuffer.allocate(BLOCK).putLong(0, counter).array(), 0);
    }

    private static long counterAt(Path image, long offset) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            file.seek(offset);
            long found = file.readLong();
            return found == 0x6161616161616161L ? 0 : found;
        }
    }

    /** The ring before lets go of the image, and of its lock, when the kernel gets to it. */
    private Backend reopened() {
        return Awaitility.await()
                .atMost(LIMIT)
                .ignoreExceptions()
                .until(() -> pool.openBackend("v", OpenOptions.READ_WRITE), Objects::nonNull);
    }

    /** Detached and attached again while it is copied: the gate is the volume's, not the attachment's. */
    @Test
    void aVolumeMayBeAttachedWhileItIsCopied() throws IOException {
        fill('a');
        pool.createVolume(
                new VolumeRequest("c", 0, Provisioning.THIN, BLOCK, new Origin(Origin.Kind.VOLUME, "v")),
                VolumeUse.UNUSED);
        rig.close();
        rig = new BackendRig(BackendRig.machinesKernel(), reopened());
        fill('b');
        Awaitility.await().atMost(LIMIT).until(() -> pool.volume("c").state() == VolumeState.READY);
        assertThat(Files.readAllBytes(folder.image("c"))).isEqualTo(filled('a'));
    }
}
