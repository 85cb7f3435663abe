package io.ublkcsi.engine.frontend.vduse;

/** {@code struct vduse_dev_config} (include/uapi/linux/vduse.h): what CREATE_DEV takes. */
public final class VduseDevConfig {
    /** Without the device's own configuration, which follows. */
    public static final int LENGTH = 336;

    public static final int NAME = 0;
    public static final int VENDOR_ID = 256;
    public static final int DEVICE_ID = 260;
    public static final int FEATURES = 264;
    public static final int VQ_NUM = 272;
    public static final int VQ_ALIGN = 276;
    public static final int CONFIG_SIZE = 332;
    public static final int CONFIG = 336;

    /** {@code VDUSE_NAME_MAX}, its NUL counted. */
    public static final int NAME_BYTES = 256;

    private VduseDevConfig() {}
}
