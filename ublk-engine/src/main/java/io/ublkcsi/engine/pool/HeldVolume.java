package io.ublkcsi.engine.pool;

/**
 * A volume whose requests wait for its pool.
 *
 * @param requests how many, now
 * @param reason and the cure, in a sentence for people
 */
public record HeldVolume(String volumeId, int requests, String reason) {}
