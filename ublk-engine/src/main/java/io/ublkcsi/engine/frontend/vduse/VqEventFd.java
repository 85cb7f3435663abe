package io.ublkcsi.engine.frontend.vduse;

/** {@code struct vduse_vq_eventfd} (include/uapi/linux/vduse.h). */
public final class VqEventFd {
    public static final int LENGTH = 8;
    public static final int INDEX = 0;
    public static final int FD = 4;

    private VqEventFd() {}
}
