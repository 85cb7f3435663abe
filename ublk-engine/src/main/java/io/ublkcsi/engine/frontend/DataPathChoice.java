package io.ublkcsi.engine.frontend;

/**
 * Which data path a device takes, and why.
 *
 * @param reason a sentence for people
 */
public record DataPathChoice(DataPath path, String reason) {}
