package io.ublkcsi.engine.control;

import io.ublkcsi.engine.block.Backend;

/** Where the conductor gets a volume's bytes from: the pools, seen from here. */
@FunctionalInterface
public interface VolumeSource {
    /**
     * Opens a volume for exclusive use.
     *
     * @throws io.ublkcsi.engine.block.EngineException NOT_FOUND, FAILED_PRECONDITION, INVALID_ARGUMENT, each with its
     * sentence
     */
    Backend open(VolumeKey volume, boolean readOnly, boolean noDiscard);
}
