package io.ublkcsi.engine.frontend.vduse;

/** {@code struct vduse_dev_response} (include/uapi/linux/vduse.h): our answer to a message. */
public final class VduseResponse {
    public static final int LENGTH = 152;
    public static final int REQUEST_ID = 0;
    public static final int RESULT = 4;
    public static final int VQ_INDEX = 24;
    /** {@code struct vduse_vq_state_split}: the index of the next available entry, 16 bits. */
    public static final int VQ_SPLIT = 28;

    public static final int RESULT_OK = 0;
    public static final int RESULT_FAILED = 1;

    private VduseResponse() {}
}
