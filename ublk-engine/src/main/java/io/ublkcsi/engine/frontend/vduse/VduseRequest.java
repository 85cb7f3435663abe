package io.ublkcsi.engine.frontend.vduse;

/** {@code struct vduse_dev_request} (include/uapi/linux/vduse.h): a message of the driver's side. */
public final class VduseRequest {
    public static final int LENGTH = 152;
    public static final int TYPE = 0;
    public static final int REQUEST_ID = 4;
    public static final int STATUS = 24;
    public static final int VQ_INDEX = 24;
    public static final int IOVA_START = 24;
    public static final int IOVA_LAST = 32;

    public static final int GET_VQ_STATE = 0;
    public static final int SET_STATUS = 1;
    public static final int UPDATE_IOTLB = 2;

    private VduseRequest() {}
}
