package io.ublkcsi.engine.frontend.vduse;

/** The ioctls of {@code /dev/vduse/control} and of a device (include/uapi/linux/vduse.h). */
public final class VduseIoctl {
    /** On {@code /dev/vduse/control}. */
    public static final long SET_API_VERSION = 0x40088101L;

    public static final long CREATE_DEV = 0x41508102L;
    public static final long DESTROY_DEV = 0x41008103L;

    /** On a device: answers a descriptor of the region's memory. */
    public static final long IOTLB_GET_FD = 0xc0208110L;

    public static final long DEV_GET_FEATURES = 0x80088111L;
    public static final long DEV_SET_CONFIG = 0x40088112L;
    public static final long DEV_INJECT_CONFIG_IRQ = 0x8113L;
    public static final long VQ_SETUP = 0x40208114L;
    public static final long VQ_GET_INFO = 0xc0308115L;
    public static final long VQ_SETUP_KICKFD = 0x40088116L;
    public static final long VQ_INJECT_IRQ = 0x40048117L;

    private VduseIoctl() {}
}
