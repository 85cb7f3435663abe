package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The power goes at any moment: what was acknowledged as durable is there. The pool's disk records what became durable,
 * in its order (dm-log-writes), with marks between; for each mark the disk is made again as it was then. Killing a
 * virtual machine would prove nothing: the host's cache keeps what was never flushed.
 */
class PowerCutIT {
    private static final int MARKS = Integer.parseInt(System.getenv().getOrDefault("UBLK_CSI_MARKS", "26"));
    private static final long BETWEEN_MARKS_MS = 100;
    private static final Path FOLDER = Path.of("/mnt/cut");
    private static final Path LIVE = FOLDER.resolve("pool");
    private static final String DM = "cut";
    private static final int RAW_BLOCKS = 2048;
    private static final long POOL_MIB = 700;

    private final Map<String, AcknowledgedWriter> writers = new LinkedHashMap<>();
    private final List<Map<String, AcknowledgedWriter.Check>> marks = new ArrayList<>();
    /** Held by all who write; to hold it alone is to have all of them stand still. Fair, or nobody ever would. */
    private final ReentrantReadWriteLock moving = new ReentrantReadWriteLock(true);

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean ended;

    @ParameterizedTest
    @CsvSource({"xfs, mkfs.xfs -q -f", "ext4, mkfs.ext4 -q"})
    void whatWasAcknowledgedIsThereAndFileSystemsAreClean(String type, String mkfs) throws IOException {
        long seed = System.nanoTime();
        System.out.println("power cut on " + type + ", seed " + seed);
        Shell.run("modprobe -q dm-log-writes; mkdir -p " + LIVE + " && cd " + FOLDER
                + " && truncate -s " + POOL_MIB + "M disk && truncate -s 3G log"
                + " && disk=$(losetup -f --show disk) && log=$(losetup -f --show log)"
                + " && dmsetup create " + DM + " --table \"0 $(blockdev --getsz $disk) log-writes $disk $log\""
                + " && " + mkfs + " /dev/mapper/" + DM + " && mount /dev/mapper/" + DM + " " + LIVE);
        try {
            String pool = "name=cut,kind=file,minFree=16Mi,overcommit=100,path=" + LIVE;
            try (OwnEngine engine = new OwnEngine("cut-" + type, List.of(pool))) {
                write(engine, seed);
            }
        } finally {
            PoolDisk.unmount(LIVE.toString());
            Shell.run("dmsetup remove --retry " + DM + " && cd " + FOLDER
                    + " && losetup -j $PWD/disk | cut -d: -f1 | xargs losetup -d"
                    + " && losetup -j $PWD/log | cut -d: -f1 | xargs losetup -d && rm disk");
        }
        long writes = replay(type);
        Shell.run("rm -r " + FOLDER);
        assertThat(writes).as("writes between " + MARKS + " marks").isGreaterThan(MARKS * 5L);
        System.out.println(MARKS + " marks, " + writes + " writes replayed");
    }

    private void write(OwnEngine engine, long seed) throws IOException {
        Device raw = engine.attach("cut", "raw", 64 * Guest.MIB);
        Device ext4 = engine.attach("cut", "ext4", 100 * Guest.MIB);
        Device xfs = engine.attach("cut", "xfs", 320 * Guest.MIB);
        Shell.run("cd " + FOLDER + " && mkdir -p ext4 xfs && mkfs.ext4 -q " + ext4.getPath() + " && mount "
                + ext4.getPath() + " ext4 && mkfs.xfs -q " + xfs.getPath() + " && mount " + xfs.getPath() + " xfs");
        writers.put("flushed blocks", new RawWriter(raw.getPath(), 0, RAW_BLOCKS, true, seed));
        writers.put("FUA blocks", new RawWriter(raw.getPath(), 32 * Guest.MIB, RAW_BLOCKS, false, seed + 1));
        writers.put("ext4", new FileWriter(FOLDER.resolve("ext4"), seed + 2));
        writers.put("xfs", new FileWriter(FOLDER.resolve("xfs"), seed + 3));
        List<Thread> threads = writers.values().stream()
                .map(writer -> Thread.ofPlatform().start(() -> run(writer)))
                .toList();
        for (int mark = 0; mark < MARKS && failure.get() == null; mark++) {
            OwnEngine.pause(BETWEEN_MARKS_MS);
            mark(mark);
        }
        ended = true;
        for (Thread thread : threads) {
            join(thread);
        }
        for (AcknowledgedWriter writer : writers.values()) {
            writer.close();
        }
        Shell.run("cd " + FOLDER + " && umount ext4 xfs");
        assertThat(failure.get()).isNull();
    }

    /**
     * Every other mark is set while all write: the cut is anywhere. The others are set when all are quiet but one,
     * which has just had its flush acknowledged: nobody else's flush can stand in for one that was lost.
     */
    private void mark(int mark) throws IOException {
        boolean quiet = mark % 2 == 0;
        if (quiet) {
            moving.writeLock().lock();
        }
        try {
            if (quiet) {
                List.copyOf(writers.values()).get(mark / 2 % writers.size()).step();
            }
            Map<String, AcknowledgedWriter.Check> acknowledged = new LinkedHashMap<>();
            writers.forEach((name, writer) -> acknowledged.put(name, writer.acknowledged()));
            setMark("m" + mark);
            marks.add(acknowledged);
        } finally {
            if (quiet) {
                moving.writeLock().unlock();
            }
        }
    }

    /**
     * The recorder gives a flush what was written before it when it takes the flush, and logs both when the disk has
     * done it (drivers/md/dm-log-writes.c, log_writes_map and normal_end_io). A second flush that overtakes the first
     * takes nothing, and is acknowledged although the log does not have those writes yet; a disk would have them. So a
     * mark waits until nothing is on its way.
     */
    private static void setMark(String mark) {
        Shell.run("dmsetup suspend --noflush --nolockfs " + DM + " && dmsetup message " + DM + " 0 mark " + mark
                + " && dmsetup resume " + DM);
    }

    private void run(AcknowledgedWriter writer) {
        try {
            while (!ended) {
                moving.readLock().lock();
                try {
                    writer.step();
                } finally {
                    moving.readLock().unlock();
                }
            }
        } catch (Throwable failed) {
            failure.set(failed);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes the disk as it was at each mark, and looks at a copy of it as a machine would after its restart. */
    private long replay(String type) {
        try (CutDisk disk = new CutDisk(FOLDER, type, POOL_MIB)) {
            for (int mark = 0; mark < marks.size(); mark++) {
                disk.check("m" + mark, marks.get(mark));
            }
            return disk.writes();
        }
    }
}
