package io.ublkcsi.engine.control;

import io.ublkcsi.engine.frontend.DeviceOptions;
import io.ublkcsi.engine.frontend.FrontendKind;

/**
 * What an attach asks for beside the volume. A repeated attach must ask for the same.
 *
 * @param readOnly the device refuses writes
 * @param noDiscard the device offers no discard
 */
public record AttachOptions(DeviceOptions device, boolean readOnly, boolean noDiscard) {
    /** The same, with {@code chosen} where no frontend was asked for. */
    AttachOptions on(FrontendKind chosen) {
        return new AttachOptions(device.on(chosen), readOnly, noDiscard);
    }
}
