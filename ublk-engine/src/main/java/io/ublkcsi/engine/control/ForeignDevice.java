package io.ublkcsi.engine.control;

/**
 * A ublk device that is not ours, which we never touch.
 *
 * @param owner what is known of its server, for people
 */
public record ForeignDevice(int id, String owner) {}
