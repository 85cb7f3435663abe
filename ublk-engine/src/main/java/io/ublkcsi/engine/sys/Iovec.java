package io.ublkcsi.engine.sys;

/** {@code struct iovec} (include/uapi/linux/uio.h). */
public final class Iovec {
    public static final int LENGTH = 16;
    public static final int IOV_BASE = 0;
    public static final int IOV_LEN = 8;

    private Iovec() {}
}
