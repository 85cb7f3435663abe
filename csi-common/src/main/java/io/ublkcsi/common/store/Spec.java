package io.ublkcsi.common.store;

/** What every wish has: an id, the node that has to fulfil it, a generation that grows with each change. */
public interface Spec<S extends Spec<S>> {
    String id();

    /** The orchestrator's name for it, from which the id follows. */
    String name();

    /** The node whose plugin makes it so. */
    String node();

    /** Grows by one with each change; a status says which one it is about. */
    int generation();

    /** Set once, never taken back: the node removes what there is, and then the record. */
    boolean deleting();

    /** The next wish: that it be removed. Again, when a removal failed and has to be tried anew. */
    S toDelete();
}
