package io.ublkcsi.engine.control;

import io.ublkcsi.engine.frontend.ublk.UblkOptions;

/**
 * What an attach asks for beside the volume. A repeated attach must ask for the same.
 *
 * @param readOnly the device refuses writes
 * @param noDiscard the device offers no discard
 */
public record AttachOptions(UblkOptions ublk, boolean readOnly, boolean noDiscard) {}
