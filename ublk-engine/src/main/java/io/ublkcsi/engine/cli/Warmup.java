package io.ublkcsi.engine.cli;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.control.AttachOptions;
import io.ublkcsi.engine.control.Conductor;
import io.ublkcsi.engine.control.DeviceView;
import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.control.journal.CrashRecord;
import io.ublkcsi.engine.control.journal.Journal;
import io.ublkcsi.engine.control.journal.JournalEntry;
import io.ublkcsi.engine.control.journal.Phase;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.Frontends;
import io.ublkcsi.engine.pool.PoolRegistry;
import io.ublkcsi.engine.pool.PoolSpec;
import io.ublkcsi.engine.pool.Provisioning;
import io.ublkcsi.engine.pool.VolumeRequest;
import io.ublkcsi.engine.pool.VolumeUse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rehearses a takeover on things that are thrown away, so that a standby has loaded its classes and compiled what is
 * hot before it is needed: a journal and a pool in a folder of its own, and a device that is made, left, taken over,
 * written to and ended. What fails is left out: a standby that is cold is better than none.
 */
final class Warmup {
    private static final Logger LOG = LoggerFactory.getLogger(Warmup.class);
    private static final String PREFIX = "standby-";
    private static final VolumeKey VOLUME = new VolumeKey("rehearsal", "of-a-standby");
    private static final int ENTRIES = 50;
    private static final int REQUESTS = 300;
    private static final int BLOCK_BYTES = 4096;
    private static final long BYTES = 1 << 20;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private final Path directory;
    private final Path folder;
    private final Frontends frontends;

    /**
     * @param directory where it makes a folder of its own, and removes it again. Several standbys may share the
     *     directory, and in containers all of them are process 1.
     */
    Warmup(Path directory, Frontends frontends) {
        this.directory = directory;
        this.folder = directory.resolve(PREFIX + UUID.randomUUID());
        this.frontends = frontends;
    }

    void run() {
        removeLeftOvers();
        try {
            Files.createDirectories(folder);
            Journal journal = Journal.rehearsal(folder);
            takeOver(journal, null);
            for (DataPath path : DataPath.values()) {
                if (!path.endangersNode()) {
                    writeAndRead(journal);
                    takeOver(journal, path);
                }
            }
        } catch (IOException | RuntimeException failure) {
            LOG.info("the rehearsal was cut short, so that a takeover will take longer", failure);
        } finally {
            remove(folder);
        }
    }

    /** Folders of standbys that were killed in their rehearsal, which takes seconds. */
    private void removeLeftOvers() {
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, PREFIX + "*")) {
            for (Path left : folders) {
                if (Files.getLastModifiedTime(left).compareTo(old) < 0) {
                    remove(left);
                }
            }
        } catch (IOException failure) {
            LOG.debug("what earlier standbys left in {} stays", directory, failure);
        }
    }

    private static void writeAndRead(Journal journal) {
        JournalEntry entry = new JournalEntry(
                "none",
                VOLUME,
                Phase.ATTACHED,
                "ublk",
                journal.newToken(),
                "",
                Map.of("depth", "1"),
                CrashRecord.CLEAN);
        for (int i = 0; i < ENTRIES; i++) {
            journal.put(entry.with(entry.crashes().mark(false)));
            journal.read();
        }
        journal.remove(VOLUME);
    }

    /**
     * @param path null for the one that a device gets by itself; others may not be there
     */
    private void takeOver(Journal journal, @Nullable DataPath path) throws IOException {
        // One's own: kernels before 6.13 let go of the last round's image some time after its device has ended.
        Path pool = Files.createDirectory(folder.resolve(path == null ? "any" : path.label()));
        try (PoolRegistry pools = pools(pool)) {
            pools.pool(VOLUME.pool())
                    .createVolume(
                            new VolumeRequest(VOLUME.volumeId(), BYTES, Provisioning.THIN, 0, null), VolumeUse.UNUSED);
            Conductor first = conductor(pools, journal);
            DeviceOptions device = new DeviceOptions(null, path, 0, 0, 0, false);
            first.attach(VOLUME, new AttachOptions(device, false, false));
            first.handOver();
        } catch (EngineException refused) {
            if (path == null) {
                LOG.info("no rehearsal with a device, so that a takeover will take longer: {}", refused.getMessage());
            }
        }
        try (PoolRegistry pools = pools(pool)) {
            Conductor second = conductor(pools, journal);
            second.takeOver(false, PATIENCE_NS);
            for (DeviceView device : second.devices()) {
                write(device.path());
            }
            second.detach(VOLUME, true);
        }
    }

    private static PoolRegistry pools(Path pool) {
        return PoolRegistry.open(
                List.of(PoolSpec.parse("name=" + VOLUME.pool() + ",kind=file,allowBuffered,minFree=0,path=" + pool)));
    }

    private Conductor conductor(PoolRegistry pools, Journal journal) {
        return new Conductor(frontends, EngineProcess.volumes(pools), journal, _ -> {}, 0);
    }

    private static void write(String path) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
        try (FileChannel device = FileChannel.open(Path.of(path), StandardOpenOption.WRITE, StandardOpenOption.DSYNC)) {
            for (int i = 0; i < REQUESTS; i++) {
                device.write(block.clear(), i % (BYTES / BLOCK_BYTES) * BLOCK_BYTES);
            }
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            LOG.debug("{} stays", folder, failure);
        }
    }
}
