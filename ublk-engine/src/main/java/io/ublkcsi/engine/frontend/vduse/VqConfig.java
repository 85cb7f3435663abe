package io.ublkcsi.engine.frontend.vduse;

/** {@code struct vduse_vq_config} (include/uapi/linux/vduse.h). */
public final class VqConfig {
    public static final int LENGTH = 32;
    public static final int INDEX = 0;
    public static final int MAX_SIZE = 4;

    private VqConfig() {}
}
