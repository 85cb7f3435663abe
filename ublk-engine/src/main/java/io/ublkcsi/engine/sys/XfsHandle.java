package io.ublkcsi.engine.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Opens a file of XFS by its handle (fs/xfs/xfs_handle.c). */
public final class XfsHandle {
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private XfsHandle() {}

    /**
     * Opens an open file once more, with a descriptor through which neither reading nor writing changes its times
     * (FMODE_NOCMTIME). With times to change, once a clock tick, a write may have to wait, and io_uring hands it to a
     * thread.
     *
     * @param folder an open folder of the same file system
     * @param flags as for open(2)
     * @return a descriptor, which the caller closes, or {@code -errno}: EPERM without CAP_SYS_ADMIN, ENOTTY when it is
     *     not XFS
     */
    public static int openQuietly(int folder, int fd, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(XfsFsopHandlereq.HANDLE_LENGTH, Long.BYTES);
            MemorySegment length = arena.allocate(Integer.BYTES, Integer.BYTES);
            MemorySegment request = arena.allocate(XfsFsopHandlereq.LENGTH, Long.BYTES);
            request.set(Memory.INT, XfsFsopHandlereq.FD, fd);
            request.set(Memory.LONG, XfsFsopHandlereq.OHANDLE, handle.address());
            request.set(Memory.LONG, XfsFsopHandlereq.OHANDLEN, length.address());
            int found = Linux.ioctl(folder, XfsFsopHandlereq.XFS_IOC_FD_TO_HANDLE, request.address());
            if (found < 0) {
                return found;
            }
            request.set(Memory.INT, XfsFsopHandlereq.OFLAGS, flags);
            request.set(Memory.LONG, XfsFsopHandlereq.IHANDLE, handle.address());
            request.set(Memory.INT, XfsFsopHandlereq.IHANDLEN, XfsFsopHandlereq.HANDLE_LENGTH);
            int opened = Linux.ioctl(folder, XfsFsopHandlereq.XFS_IOC_OPEN_BY_HANDLE, request.address());
            if (opened >= 0) {
                Linux.fcntl(opened, F_SETFD, FD_CLOEXEC);
            }
            return opened;
        }
    }
}
