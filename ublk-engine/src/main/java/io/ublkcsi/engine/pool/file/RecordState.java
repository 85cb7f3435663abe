package io.ublkcsi.engine.pool.file;

/** Where an image stands on the disk: what an engine that finds it after a crash has to do. */
enum RecordState {
    /** Nobody was told of it yet: it is removed. */
    CREATING,
    /** The copy goes on, or is found to be lost. */
    COPYING,
    READY,
    /** Kept until somebody deletes it. */
    FAILED,
    /** The removal goes on. */
    DELETING
}
