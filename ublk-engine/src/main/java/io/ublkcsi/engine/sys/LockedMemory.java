package io.ublkcsi.engine.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps this process's memory from being written out or dropped (mlockall(2)): whoever writes it out may be waiting
 * for our I/O. The heap and the programs' text are filled in and stay; everything else, what comes later too, stays
 * from its first touch on ({@code MCL_ONFAULT}), because most of what a JVM maps it never touches. What that can come
 * to, the JVM's limits bound.
 */
public final class LockedMemory {
    private static final int MCL_CURRENT = 1;
    private static final int MCL_FUTURE = 2;
    private static final int MCL_ONFAULT = 4;
    private static final int RLIMIT_MEMLOCK = 8;
    private static final long UNLIMITED = -1;

    /** Anonymous memory of this size is part of the heap; thread stacks are smaller. */
    private static final long HEAP_PART_BYTES = 2L << 20;
    /** Where a line of {@code /proc/self/maps} has the mapped file's path. */
    private static final int FILE = 5;

    private static final Path MAPS = Path.of("/proc/self/maps");

    private LockedMemory() {}

    /**
     * Locks what is mapped now and what will be. Any thread.
     *
     * @return 0, or {@code -errno}: {@code -EPERM} without the right to lock as much as a JVM maps, because under a
     *     limit its next mapping would fail
     */
    public static int lock() {
        if (!mayLockAll()) {
            return -Errno.EPERM;
        }
        int failed = Linux.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
        return failed < 0 ? failed : fillIn();
    }

    /** Whether {@link #lock} would work in this process, which is as it was afterwards; 0 or {@code -errno}. */
    public static int probe() {
        if (!mayLockAll()) {
            return -Errno.EPERM;
        }
        int failed = Linux.mlockall(MCL_CURRENT | MCL_ONFAULT);
        return failed < 0 ? failed : Linux.munlockall();
    }

    /** How many bytes are locked and present, as the kernel counts them; 0 when nothing is locked. */
    public static long bytes() {
        long locked = kibibytes("VmLck");
        return locked == 0 ? 0 : Math.min(locked, kibibytes("VmRSS")) << 10;
    }

    /** The capability, or no limit; without a limit is what the process makes itself where it may. */
    private static boolean mayLockAll() {
        return Linux.softLimit(RLIMIT_MEMLOCK) == UNLIMITED
                || Linux.setLimit(RLIMIT_MEMLOCK, UNLIMITED, UNLIMITED) == 0
                || (StatusFile.capabilities(StatusFile.PROCESS, "CapEff") >>> ThreadCapabilities.CAP_IPC_LOCK & 1) != 0;
    }

    private static int fillIn() {
        for (String line : mappings()) {
            String[] words = line.split(" +");
            String[] range = words[0].split("-");
            long begin = Long.parseUnsignedLong(range[0], 16);
            long length = Long.parseUnsignedLong(range[1], 16) - begin;
            String file = words.length > FILE ? words[FILE] : "";
            boolean text = words[1].startsWith("r-x") && file.startsWith("/");
            boolean heap = words[1].startsWith("rw") && file.isEmpty() && length >= HEAP_PART_BYTES;
            int failed = text || heap ? Linux.mlock(begin, length) : 0;
            if (failed < 0) {
                return failed;
            }
        }
        return 0;
    }

    private static long kibibytes(String name) {
        return Long.parseLong(StatusFile.line(StatusFile.PROCESS, name).split(" ")[0]);
    }

    private static List<String> mappings() {
        try {
            return Files.readAllLines(MAPS);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
