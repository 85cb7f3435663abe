package io.ublkcsi.engine.frontend.vduse;

/** {@code struct vduse_iotlb_entry} (include/uapi/linux/vduse.h): a region of the driver's addresses. */
public final class IotlbEntry {
    public static final int LENGTH = 32;
    public static final int OFFSET = 0;
    public static final int START = 8;
    public static final int LAST = 16;
    public static final int PERM = 24;

    public static final int ACCESS_RO = 1;
    public static final int ACCESS_WO = 2;
    public static final int ACCESS_RW = 3;

    private IotlbEntry() {}
}
