package io.ublkcsi.engine.frontend.vduse;

/** {@code struct vduse_config_data} (include/uapi/linux/vduse.h): a part of the configuration space to change. */
public final class ConfigData {
    /** Without the bytes, which follow. */
    public static final int LENGTH = 8;

    public static final int OFFSET = 0;
    public static final int BYTES = 4;
    public static final int BUFFER = 8;

    private ConfigData() {}
}
