package io.ublkcsi.engine.observe;

/**
 * What the watchdog has seen so far.
 *
 * @param stalledDevices devices with requests that have made no progress for a while, now
 * @param stalledRequests how many those are, at least
 * @param stalls how often a device began to stall
 * @param stalledSeconds all devices' stalls together, those under way too
 * @param heldRequests requests that wait for space in their pool, now
 * @param holds how often a volume began to wait for space
 * @param heldSeconds all volumes' waits together, those under way too
 */
record Progress(
        int stalledDevices,
        long stalledRequests,
        long stalls,
        double stalledSeconds,
        int heldRequests,
        long holds,
        double heldSeconds) {}
