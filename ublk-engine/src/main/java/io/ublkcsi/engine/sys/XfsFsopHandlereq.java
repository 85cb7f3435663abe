package io.ublkcsi.engine.sys;

/** {@code struct xfs_fsop_handlereq} (fs/xfs/libxfs/xfs_fs.h), and what goes with it. */
final class XfsFsopHandlereq {
    static final int LENGTH = 56;
    static final int FD = 0;
    static final int OFLAGS = 16;
    static final int IHANDLE = 24;
    static final int IHANDLEN = 32;
    static final int OHANDLE = 40;
    static final int OHANDLEN = 48;

    static final long XFS_IOC_FD_TO_HANDLE = 0xc038586aL;
    static final long XFS_IOC_OPEN_BY_HANDLE = 0xc038586bL;
    /** {@code sizeof(xfs_handle_t)}. */
    static final int HANDLE_LENGTH = 24;

    private XfsFsopHandlereq() {}
}
