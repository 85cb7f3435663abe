package io.ublkcsi.engine.frontend.vduse;

/** Bits of a device's status (include/uapi/linux/virtio_config.h). */
public final class VirtioStatus {
    public static final int ACKNOWLEDGE = 1;
    public static final int DRIVER = 2;
    public static final int DRIVER_OK = 4;
    public static final int FEATURES_OK = 8;
    public static final int FAILED = 0x80;

    /** {@code VIRTIO_ID_BLOCK}. */
    public static final int ID_BLOCK = 2;

    private VirtioStatus() {}
}
