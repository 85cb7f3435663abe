package io.ublkcsi.engine.block;

import io.ublkcsi.engine.uring.Ring;

/**
 * What a queue gives its backend.
 *
 * @param slot which device's queue on the ring: the slot of {@code UserData}
 * @param fileSlot the ring's fixed file that the backend may use as its own
 */
public record QueueContext(Ring ring, Requests requests, CompletionSink sink, int slot, int fileSlot) {}
