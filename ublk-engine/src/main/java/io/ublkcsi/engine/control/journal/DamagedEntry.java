package io.ublkcsi.engine.control.journal;

import io.ublkcsi.engine.control.VolumeKey;
import java.nio.file.Path;

/**
 * An entry that cannot be read, so that its device cannot be told.
 *
 * @param volume as the file's name says
 * @param reason a sentence for people, without the way out
 */
public record DamagedEntry(VolumeKey volume, Path file, String reason) {
    /** The reason, and how to go on. */
    public String advice() {
        return reason
                + ". Its device, if there is one, is not served and its I/O waits: 'ublk-csi list' names it, end it"
                + " with 'ublk-csi release --force DEVICE', remove " + file + ", and attach the volume again";
    }
}
