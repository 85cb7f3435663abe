package io.ublkcsi.engine.sys;

import jnr.ffi.annotations.IgnoreError;

/**
 * The C library as jnr-ffi binds it: addresses and sizes are {@code long}, results are raw ({@code -1} with errno).
 * Everything else in the program goes through {@link Linux}, which turns errno into a negative result.
 *
 * <p>Public only because jnr-ffi implements it in a class loader of its own, from where it could not be seen otherwise.
 */
public interface LibC {
    int open(long path, int flags, int mode);

    int close(int fd);

    long mmap(long address, long length, int protection, int flags, int fd, long offset);

    int munmap(long address, long length);

    int madvise(long address, long length, int advice);

    int ioctl(int fd, long request, long argument);

    int eventfd(int initial, int flags);

    int poll(long fds, long count, int timeoutMs);

    int socket(int domain, int type, int protocol);

    int bind(int fd, long address, int length);

    int setsockopt(int fd, int level, int option, long value, int length);

    long read(int fd, long buffer, long length);

    long write(int fd, long buffer, long length);

    long pread(int fd, long buffer, long length, long offset);

    long pwrite(int fd, long buffer, long length, long offset);

    int ftruncate(int fd, long length);

    int fallocate(int fd, int mode, long offset, long length);

    int fsync(int fd);

    int fdatasync(int fd);

    long lseek(int fd, long offset, int whence);

    int flock(int fd, int operation);

    int fcntl(int fd, int command, long argument);

    int utimensat(int directory, long path, long times, int flags);

    int statx(int directory, long path, int flags, int mask, long result);

    int fstatfs(int fd, long result);

    int renameat(int oldDirectory, long oldPath, int newDirectory, long newPath);

    int unlinkat(int directory, long path, int flags);

    int mkdirat(int directory, long path, int mode);

    int sched_setaffinity(int thread, long size, long mask);

    int prctl(int operation, long a, long b, long c, long d);

    int mlockall(int flags);

    int munlockall();

    int mlock(long address, long length);

    int getrlimit(int resource, long limit);

    int setrlimit(int resource, long limit);

    int mknod(long path, int mode, long device);

    @IgnoreError
    int getpid();

    @IgnoreError
    int getpagesize();

    long syscall(long number, long a, long b, long c, long d, long e);
}
