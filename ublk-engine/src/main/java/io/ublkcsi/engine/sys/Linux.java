package io.ublkcsi.engine.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * System calls. Every method answers the call's result, or {@code -errno}, taken on the calling thread straight after
 * the call. Addresses are absolute; paths are NUL-terminated in native memory for the length of the call. Any thread.
 */
public final class Linux {
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_TRUNC = 0x200;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;
    public static final int O_DIRECT = Arch.current().oDirect;
    public static final int O_DIRECTORY = Arch.current().oDirectory;
    public static final int O_NOFOLLOW = Arch.current().oNofollow;

    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_POPULATE = 0x8000;
    public static final int MADV_DONTNEED = 4;

    public static final int FALLOC_FL_KEEP_SIZE = 1;
    public static final int FALLOC_FL_PUNCH_HOLE = 2;
    public static final int FALLOC_FL_ZERO_RANGE = 0x10;

    public static final int LOCK_EX_NB = 2 | 4;
    public static final int LOCK_UN = 8;
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;
    public static final int AT_FDCWD = -100;
    public static final int EFD_CLOEXEC = 0x80000;
    public static final long FICLONE = 0x40049409L;

    private static final long SYS_GETTID = Arch.current().gettid;
    private static final long SYS_OPENAT2 = 437;

    private static final LibC C;
    private static final LibCSeven C7;
    private static final Runtime RUNTIME;

    static {
        // jnr-ffi's assembled stubs pass a wrong sixth argument on x86-64 (SixthArgumentTest); its plain ones are
        // right.
        System.setProperty("jnr.ffi.x86asm.enabled", "false");
        C = LibraryLoader.create(LibC.class).load("c");
        C7 = LibraryLoader.create(LibCSeven.class).load("c");
        RUNTIME = Runtime.getRuntime(C);
    }

    private Linux() {}

    private static long result(long value) {
        return value == -1 ? -LastError.getLastError(RUNTIME) : value;
    }

    private static int result(int value) {
        return value == -1 ? -LastError.getLastError(RUNTIME) : value;
    }

    /** Up to five arguments; the form for the I/O path. */
    public static long syscall(long number, long a, long b, long c, long d, long e) {
        return result(C.syscall(number, a, b, c, d, e));
    }

    /** Six arguments; slower, and it allocates: not for the I/O path. */
    public static long syscall(long number, long a, long b, long c, long d, long e, long f) {
        return result(C7.syscall(number, a, b, c, d, e, f));
    }

    public static int open(String path, int flags) {
        return open(path, flags, 0);
    }

    public static int open(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return result(C.open(arena.allocateFrom(path).address(), flags | O_CLOEXEC, mode));
        }
    }

    /**
     * Opens below a directory and nowhere else (openat2(2)).
     *
     * @param resolve {@code RESOLVE_*} bits of include/uapi/linux/openat2.h
     */
    public static int openat2(int directory, String path, long flags, long mode, long resolve) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(OpenHow.LENGTH, 8);
            how.set(Memory.LONG, OpenHow.FLAGS, flags | O_CLOEXEC);
            how.set(Memory.LONG, OpenHow.MODE, mode);
            how.set(Memory.LONG, OpenHow.RESOLVE, resolve);
            long name = arena.allocateFrom(path).address();
            return (int) syscall(SYS_OPENAT2, directory, name, how.address(), OpenHow.LENGTH, 0);
        }
    }

    public static int close(int fd) {
        return result(C.close(fd));
    }

    public static long mmap(long length, int protection, int flags, int fd, long offset) {
        return result(C.mmap(0, length, protection, flags, fd, offset));
    }

    public static int munmap(long address, long length) {
        return result(C.munmap(address, length));
    }

    public static int madvise(long address, long length, int advice) {
        return result(C.madvise(address, length, advice));
    }

    public static int ioctl(int fd, long request, long argument) {
        return result(C.ioctl(fd, request, argument));
    }

    /**
     * Waits until one of the files can do something (poll(2)).
     *
     * @param fds structs {@link PollFd}
     */
    public static int poll(MemorySegment fds, int timeoutMs) {
        return result(C.poll(fds.address(), fds.byteSize() / PollFd.LENGTH, timeoutMs));
    }

    public static int socket(int domain, int type, int protocol) {
        return result(C.socket(domain, type | O_CLOEXEC, protocol)); // SOCK_CLOEXEC is the same bit
    }

    public static int bind(int fd, MemorySegment address) {
        return result(C.bind(fd, address.address(), (int) address.byteSize()));
    }

    public static int setSocketOption(int fd, int level, int option, MemorySegment value) {
        return result(C.setsockopt(fd, level, option, value.address(), (int) value.byteSize()));
    }

    public static int eventfd(int flags) {
        return result(C.eventfd(0, flags));
    }

    public static long read(int fd, MemorySegment buffer) {
        return result(C.read(fd, buffer.address(), buffer.byteSize()));
    }

    public static long write(int fd, MemorySegment buffer) {
        return result(C.write(fd, buffer.address(), buffer.byteSize()));
    }

    public static long pread(int fd, MemorySegment buffer, long offset) {
        return result(C.pread(fd, buffer.address(), buffer.byteSize(), offset));
    }

    public static long pwrite(int fd, MemorySegment buffer, long offset) {
        return result(C.pwrite(fd, buffer.address(), buffer.byteSize(), offset));
    }

    public static int ftruncate(int fd, long length) {
        return result(C.ftruncate(fd, length));
    }

    public static int fallocate(int fd, int mode, long offset, long length) {
        return result(C.fallocate(fd, mode, offset, length));
    }

    public static int fsync(int fd) {
        return result(C.fsync(fd));
    }

    public static int fdatasync(int fd) {
        return result(C.fdatasync(fd));
    }

    public static long lseek(int fd, long offset, int whence) {
        return result(C.lseek(fd, offset, whence));
    }

    public static int flock(int fd, int operation) {
        return result(C.flock(fd, operation));
    }

    /** Sets a file's times to now; 0 or {@code -errno}. */
    public static int touch(int directory, String name) {
        try (Arena arena = Arena.ofConfined()) {
            return result(C.utimensat(directory, arena.allocateFrom(name).address(), 0, 0));
        }
    }

    public static int fcntl(int fd, int command, long argument) {
        return result(C.fcntl(fd, command, argument));
    }

    public static int renameat(int oldDirectory, String oldPath, int newDirectory, String newPath) {
        try (Arena arena = Arena.ofConfined()) {
            long from = arena.allocateFrom(oldPath).address();
            long to = arena.allocateFrom(newPath).address();
            return result(C.renameat(oldDirectory, from, newDirectory, to));
        }
    }

    public static int unlinkat(int directory, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return result(C.unlinkat(directory, arena.allocateFrom(path).address(), flags));
        }
    }

    public static int mkdirat(int directory, String path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return result(C.mkdirat(directory, arena.allocateFrom(path).address(), mode));
        }
    }

    /** Fills a struct of {@link Statx#LENGTH} bytes; an empty path means {@code directory} itself. */
    static int statx(int directory, String path, int flags, int mask, MemorySegment into) {
        try (Arena arena = Arena.ofConfined()) {
            return result(C.statx(directory, arena.allocateFrom(path).address(), flags, mask, into.address()));
        }
    }

    static int fstatfs(int fd, MemorySegment into) {
        return result(C.fstatfs(fd, into.address()));
    }

    /** Binds the calling thread to the CPUs of a bit mask in native memory (sched_setaffinity(2)). */
    public static int setAffinity(MemorySegment mask) {
        return result(C.sched_setaffinity(0, mask.byteSize(), mask.address()));
    }

    public static int prctl(int operation, long a, long b) {
        return result(C.prctl(operation, a, b, 0, 0));
    }

    static int mlockall(int flags) {
        return result(C.mlockall(flags));
    }

    static int munlockall() {
        return result(C.munlockall());
    }

    static int mlock(long address, long length) {
        return result(C.mlock(address, length));
    }

    /** Soft limit of a resource (getrlimit(2)); -1 means unlimited. */
    public static long softLimit(int resource) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(16, 8);
            int failed = result(C.getrlimit(resource, limit.address()));
            return failed < 0 ? 0 : limit.get(Memory.LONG, 0);
        }
    }

    public static int setLimit(int resource, long soft, long hard) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(16, 8);
            limit.set(Memory.LONG, 0, soft);
            limit.set(Memory.LONG, 8, hard);
            return result(C.setrlimit(resource, limit.address()));
        }
    }

    public static int mknod(String path, int mode, long device) {
        try (Arena arena = Arena.ofConfined()) {
            return result(C.mknod(arena.allocateFrom(path).address(), mode, device));
        }
    }

    public static int getpid() {
        return C.getpid();
    }

    static int getpagesize() {
        return C.getpagesize();
    }

    public static int gettid() {
        return (int) syscall(SYS_GETTID, 0, 0, 0, 0, 0);
    }
}
