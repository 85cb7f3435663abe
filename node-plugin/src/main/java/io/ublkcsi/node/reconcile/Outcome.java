package io.ublkcsi.node.reconcile;

/** How looking at a record ended. */
enum Outcome {
    /** Nothing to do until it changes. */
    SETTLED,
    /** A copy is under way in the engine: look again soon. */
    PROGRESSING,
    /** It could not be done now: look again, later each time. */
    RETRY
}
