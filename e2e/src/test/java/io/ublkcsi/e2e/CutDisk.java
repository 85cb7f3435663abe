package io.ublkcsi.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A pool's disk made again from its log, as it was at one moment after the other, and what a machine finds on it after
 * its restart. It looks at copies: a file system that is mounted changes its disk.
 */
final class CutDisk implements AutoCloseable {
    /** What is told of the log before a moment at which something is missing, and how far is looked behind it. */
    private static final int TOLD = 150;

    private static final int LOOKED_BEHIND = 60;

    private final Path folder;
    private final String type;
    private final WriteLog log;
    private final FileChannel disk;

    /**
     * @param folder holds {@code log}; the disk is made beside it
     * @param type of the pool's file system
     */
    CutDisk(Path folder, String type, long mib) {
        this.folder = folder;
        this.type = type;
        this.log = new WriteLog(folder.resolve("log"));
        Shell.run("cd " + folder + " && truncate -s " + mib + "M replay && mkdir -p after a-ext4 a-xfs");
        try {
            this.disk = FileChannel.open(folder.resolve("replay"), StandardOpenOption.WRITE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    long writes() {
        return log.writes();
    }

    /** Goes on to a mark, and fails when anything that was acknowledged before it is missing. */
    void check(String mark, Map<String, AcknowledgedWriter.Check> acknowledged) {
        log.replayTo(mark, disk);
        try {
            look(acknowledged);
        } catch (AssertionError missing) {
            throw new AssertionError(
                    "mark " + mark + ", entry " + log.position() + " of the log, after " + log.writes() + " writes: "
                            + missing.getMessage() + "\n" + explain(acknowledged),
                    missing);
        }
    }

    private void look(Map<String, AcknowledgedWriter.Check> acknowledged) {
        Path after = folder.resolve("after");
        String nouuid = type.equals("xfs") ? "-o nouuid " : "";
        try {
            Shell.run("set -e; cd " + folder + "; cp --sparse=always replay now; disk=$(losetup -f --show now); mount "
                    + nouuid + "$disk after; cd after/volumes; mount -o loop ext4.raw " + folder
                    + "/a-ext4; mount -o loop,nouuid xfs.raw " + folder + "/a-xfs");
            Map<String, Path> roots = Map.of("ext4", folder.resolve("a-ext4"), "xfs", folder.resolve("a-xfs"));
            acknowledged.forEach((name, check) -> run(name, check, roots.getOrDefault(name, after)));
            String fsck = type.equals("xfs") ? "xfs_repair -n" : "e2fsck -f -n";
            Shell.run("set -e; cd " + folder + "; umount a-ext4 a-xfs; e2fsck -f -n after/volumes/ext4.raw;"
                    + " xfs_repair -f -n after/volumes/xfs.raw; umount after; " + fsck
                    + " $(losetup -j $PWD/now | cut -d: -f1)");
        } finally {
            Shell.attempt("cd " + folder + "; umount a-ext4 a-xfs after 2> /dev/null; losetup -j $PWD/now | cut -d: -f1"
                    + " | xargs losetup -d; rm now");
        }
    }

    private static void run(String name, AcknowledgedWriter.Check check, Path root) {
        try {
            check.run(root);
        } catch (AssertionError missing) {
            throw new AssertionError(name + ": " + missing.getMessage(), missing);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(name + ": " + root, unreadable);
        }
    }

    /**
     * Whether it is missing when one looks again, with nothing in the guest's caches; whether it is there a little
     * later in the log, and after which entry; and the log around that.
     */
    private String explain(Map<String, AcknowledgedWriter.Check> acknowledged) {
        int mark = log.position();
        Shell.run("sync; echo 3 > /proc/sys/vm/drop_caches");
        StringBuilder text = new StringBuilder("looked at once more: " + said(acknowledged) + "\n");
        boolean found = false;
        while (!found && log.hasNext() && log.position() < mark + LOOKED_BEHIND) {
            if (log.replayNext(disk).isBarrier()) {
                String said = said(acknowledged);
                found = said.isEmpty();
                text.append("after entry ")
                        .append(log.position() - 1)
                        .append(": ")
                        .append(said)
                        .append('\n');
            }
        }
        return text.append("the log:\n")
                .append(log.describe(mark - TOLD, mark + LOOKED_BEHIND))
                .toString();
    }

    private String said(Map<String, AcknowledgedWriter.Check> acknowledged) {
        try {
            look(acknowledged);
            return "";
        } catch (AssertionError missing) {
            return String.valueOf(missing.getMessage());
        }
    }

    @Override
    public void close() {
        log.close();
        try {
            disk.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
