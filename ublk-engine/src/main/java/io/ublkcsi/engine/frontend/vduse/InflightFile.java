package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import io.ublkcsi.engine.sys.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The in-flight logs of a device's queues in one file, {@code NAME.inflight}, mapped by the engine that serves the
 * device. Made with the device, removed with it; meant for a tmpfs, since it is worth nothing after a reboot.
 *
 * <pre>
 *   0  magic u64     8  version u32     12  queues u32     16  depth u32     20  CRC-32C of the 20 bytes before
 *   4096 + q * (8 * (1 + depth), rounded up to 64)   the log of queue q, see {@link InflightLog}
 * </pre>
 */
final class InflightFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InflightFile.class);

    static final int VERSION = 1;

    private static final long MAGIC = 0x474f4c4656444c42L;
    private static final int HEADER_BYTES = 24;
    private static final int CHECKED_BYTES = 20;
    private static final int LINE_BYTES = 64;
    private static final String UNKNOWN = "what was under way when the engine died is not known. Detach the volume by"
            + " force: it goes if that was nothing; else its users wait until the machine is booted again";

    private final Path path;
    private final int queues;
    private final int depth;
    private final MemorySegment memory;

    private InflightFile(Path path, int queues, int depth, MemorySegment memory) {
        this.path = path;
        this.queues = queues;
        this.depth = depth;
        this.memory = memory;
    }

    static Path path(Path folder, String device) {
        return folder.resolve(device + ".inflight");
    }

    /** A new log, in which nothing is in flight; replaces an old one. */
    static InflightFile create(Path folder, String device, int queues, int depth) {
        Path path = path(folder, device);
        try {
            Files.createDirectories(folder);
            Path unfinished = folder.resolve(device + ".inflight.new");
            byte[] content = new byte[(int) bytes(queues, depth)];
            ByteBuffer header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            header.putLong(MAGIC).putInt(VERSION).putInt(queues).putInt(depth);
            header.putInt(checksum(content));
            Files.write(unfinished, content);
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new EngineException(
                    Kind.FAILED_PRECONDITION,
                    "the in-flight log " + path + " cannot be made (" + failure + "): is its folder writable?",
                    failure);
        }
        return map(path, queues, depth);
    }

    /**
     * A predecessor's log.
     *
     * @throws EngineException FAILED_PRECONDITION when it is not there, damaged, or newer than this engine
     */
    static InflightFile open(Path folder, String device) {
        Path path = path(folder, device);
        byte[] bytes = header(path);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int version = header.getInt(Long.BYTES);
        if (header.getLong(0) == MAGIC && version > VERSION) {
            throw refused(
                    path,
                    "has version " + version + ", and this engine knows " + VERSION + ": run the newer engine again");
        }
        int queues = header.getInt(12);
        int depth = header.getInt(16);
        boolean sound = header.getLong(0) == MAGIC && version == VERSION;
        if (!sound
                || header.getInt(CHECKED_BYTES) != checksum(bytes)
                || path.toFile().length() != bytes(queues, depth)) {
            throw refused(path, "is damaged: " + UNKNOWN);
        }
        return map(path, queues, depth);
    }

    /** Whether {@link #open} would succeed. */
    static boolean isSound(Path folder, String device) {
        try {
            open(folder, device).close();
            return true;
        } catch (EngineException refused) {
            LOG.warn("{}", refused.getMessage());
            return false;
        }
    }

    private static byte[] header(Path path) {
        try (var file = Files.newInputStream(path)) {
            return Arrays.copyOf(file.readNBytes(HEADER_BYTES), HEADER_BYTES);
        } catch (IOException missing) {
            throw refused(path, "cannot be read (" + missing + "): " + UNKNOWN);
        }
    }

    private static EngineException refused(Path path, String sentence) {
        return new EngineException(Kind.FAILED_PRECONDITION, "the in-flight log " + path + " " + sentence);
    }

    private static int checksum(byte[] header) {
        CRC32C crc = new CRC32C();
        crc.update(header, 0, CHECKED_BYTES);
        return (int) crc.getValue();
    }

    private static long queueBytes(int depth) {
        return Memory.roundUp(InflightLog.bytes(depth), LINE_BYTES);
    }

    private static long bytes(int queues, int depth) {
        return Memory.PAGE_BYTES + queues * queueBytes(depth);
    }

    private static InflightFile map(Path path, int queues, int depth) {
        int fd = Linux.open(path.toString(), Linux.O_RDWR | Linux.O_NOFOLLOW);
        long bytes = bytes(queues, depth);
        int flags = Linux.MAP_SHARED | Linux.MAP_POPULATE;
        long address = fd < 0 ? fd : Linux.mmap(bytes, Linux.PROT_READ | Linux.PROT_WRITE, flags, fd, 0);
        if (fd >= 0) {
            Linux.close(fd);
        }
        if (address < 0 && address > -4096) {
            throw refused(path, "cannot be mapped: " + Errno.name(address));
        }
        return new InflightFile(path, queues, depth, Memory.at(address, bytes));
    }

    int queues() {
        return queues;
    }

    int depth() {
        return depth;
    }

    InflightLog queue(int index) {
        long from = Memory.PAGE_BYTES + index * queueBytes(depth);
        return new InflightLog(memory.asSlice(from, InflightLog.bytes(depth)), depth);
    }

    /** Its device is gone. */
    void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException failure) {
            throw new UncheckedIOException("removing the in-flight log " + path, failure);
        }
    }

    @Override
    public void close() {
        Memory.freePages(memory);
    }
}
