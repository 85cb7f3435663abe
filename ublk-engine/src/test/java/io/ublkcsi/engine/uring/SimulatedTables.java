package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Iovec;
import io.ublkcsi.engine.sys.Memory;

/** A simulated ring's tables of fixed files and fixed buffers. */
final class SimulatedTables {
    private static final Runnable NOBODY = () -> {};

    private final SimulatedUring kernel;
    private SimulatedFile[] files;
    private long[] bufferAddress;
    private long[] bufferLength;
    private boolean[] isPages;
    private boolean[] isWrite;
    private Runnable[] unregistered;
    private long provided;
    private int providedCount;
    private int providedGroup;
    private int providedHead;

    SimulatedTables(SimulatedUring kernel) {
        this.kernel = kernel;
    }

    /** io_uring_register(2); 0 or more, or {@code -errno}. */
    int register(int operation, long argument, int count) {
        return switch (operation) {
            case 13 -> registerFiles(argument, count);
            case 15 -> registerBuffers(argument, count);
            case 6 -> updateFiles(argument, count);
            case 16 -> updateBuffers(argument, count);
            case 22 -> provideBuffers(argument, count);
            default -> -Errno.EINVAL;
        };
    }

    private static boolean isSparse(long argument, int size) {
        return size == ResourceRegister.LENGTH && Absolute.getInt(argument + ResourceRegister.FLAGS) == 1;
    }

    private int registerFiles(long argument, int size) {
        if (!isSparse(argument, size)) {
            return -Errno.EINVAL;
        }
        if (files != null) {
            return -Errno.EBUSY;
        }
        files = new SimulatedFile[Absolute.getInt(argument + ResourceRegister.NR)];
        return 0;
    }

    private int registerBuffers(long argument, int size) {
        if (!isSparse(argument, size)) {
            return -Errno.EINVAL;
        }
        if (bufferAddress != null) {
            return -Errno.EBUSY;
        }
        int slots = Absolute.getInt(argument + ResourceRegister.NR);
        bufferAddress = new long[slots];
        bufferLength = new long[slots];
        isPages = new boolean[slots];
        isWrite = new boolean[slots];
        unregistered = new Runnable[slots];
        return 0;
    }

    private int updateFiles(long argument, int count) {
        int first = Absolute.getInt(argument + FilesUpdate.OFFSET);
        long numbers = Absolute.getLong(argument + FilesUpdate.DATA);
        if (files == null) {
            return -Errno.ENXIO;
        }
        if (first + count > files.length) {
            return -Errno.EINVAL;
        }
        for (int i = 0; i < count; i++) {
            SimulatedFile file = kernel.open(Absolute.getInt(numbers + 4L * i));
            SimulatedFile before = files[first + i];
            files[first + i] = file;
            kernel.holds(file);
            kernel.letsGo(before);
        }
        return count;
    }

    private int updateBuffers(long argument, int size) {
        int first = Absolute.getInt(argument + ResourceUpdate.OFFSET);
        int count = Absolute.getInt(argument + ResourceUpdate.NR);
        long vectors = Absolute.getLong(argument + ResourceUpdate.DATA);
        if (size != ResourceUpdate.LENGTH || bufferAddress == null || first + count > bufferAddress.length) {
            return -Errno.EINVAL;
        }
        for (int i = 0; i < count; i++) {
            long vector = vectors + (long) i * Iovec.LENGTH;
            bufferAddress[first + i] = Absolute.getLong(vector + Iovec.IOV_BASE);
            bufferLength[first + i] = Absolute.getLong(vector + Iovec.IOV_LEN);
            isPages[first + i] = false;
        }
        return count;
    }

    private int provideBuffers(long argument, int count) {
        int entries = Absolute.getInt(argument + BufferRingRegister.RING_ENTRIES);
        long address = Absolute.getLong(argument + BufferRingRegister.RING_ADDR);
        if (count != 1 || Integer.bitCount(entries) != 1 || address % Memory.PAGE_BYTES != 0) {
            return -Errno.EINVAL;
        }
        if (provided != 0) {
            return -Errno.EEXIST;
        }
        provided = address;
        providedCount = entries;
        providedGroup = Absolute.getInt(argument + BufferRingRegister.BGID);
        return 0;
    }

    /** The entry of the buffer that the group's next user gets; 0: there is none. */
    long nextProvided(int group) {
        boolean known = provided != 0 && group == providedGroup;
        int tail = known ? Absolute.getInt(provided + BufferRingEntry.BID) >>> 16 : 0;
        if (!known || tail == (providedHead & 0xffff)) {
            return 0;
        }
        return provided + (long) BufferRingEntry.LENGTH * (providedHead & providedCount - 1);
    }

    /** Answers that buffer's number. */
    int takeProvided(int group) {
        int id = Absolute.getInt(nextProvided(group) + BufferRingEntry.BID) & 0xffff;
        providedHead++;
        return id;
    }

    SimulatedFile file(int number, boolean fixed) {
        if (!fixed) {
            return kernel.open(number);
        }
        return files != null && number >= 0 && number < files.length ? files[number] : null;
    }

    /**
     * Where {@code length} bytes at {@code address} in a fixed buffer are; {@code -errno} when they are not in it.
     *
     * @param write the buffer is written to a file; a request's own pages can only go the request's way
     */
    long data(int index, long address, int length, boolean write) {
        if (bufferAddress == null || index >= bufferAddress.length || bufferLength[index] == 0) {
            return -Errno.EFAULT;
        }
        if (isPages[index] && isWrite[index] != write) {
            return -Errno.EFAULT;
        }
        long from = isPages[index] ? address : address - bufferAddress[index];
        return from < 0 || from + length > bufferLength[index] ? -Errno.EFAULT : bufferAddress[index] + from;
    }

    int registerPages(int index, long address, long length, boolean write, Runnable whenUnregistered) {
        if (bufferAddress == null || index >= bufferAddress.length) {
            return -Errno.EINVAL;
        }
        if (bufferLength[index] != 0) {
            return -Errno.EBUSY;
        }
        bufferAddress[index] = address;
        bufferLength[index] = length;
        isPages[index] = true;
        isWrite[index] = write;
        unregistered[index] = whenUnregistered;
        return 0;
    }

    int unregisterPages(int index) {
        if (bufferAddress == null || index >= bufferAddress.length) {
            return -Errno.EINVAL;
        }
        if (bufferLength[index] == 0) {
            return -Errno.EINVAL;
        }
        if (!isPages[index]) {
            return -Errno.EBUSY;
        }
        bufferLength[index] = 0;
        unregistered[index].run();
        unregistered[index] = NOBODY;
        return 0;
    }

    void close() {
        for (int i = 0; files != null && i < files.length; i++) {
            SimulatedFile file = files[i];
            files[i] = null;
            kernel.letsGo(file);
        }
    }
}
