package io.ublkcsi.engine.frontend;

/**
 * A device that is not ours, which we never touch.
 *
 * @param owner what is known of its server, for people
 */
public record ForeignDevice(FrontendKind kind, int id, String owner) {}
