package io.ublkcsi.engine.frontend.vduse;

import java.util.Objects;

/** A driver did what a virtqueue does not allow. Its device is served no more: what else it says can't be trusted. */
final class VirtqueueException extends RuntimeException {
    private static final long serialVersionUID = 1;

    VirtqueueException(String what) {
        super("the driver's virtqueue is invalid: " + what);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
