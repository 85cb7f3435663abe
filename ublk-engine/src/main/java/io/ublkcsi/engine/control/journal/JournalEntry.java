package io.ublkcsi.engine.control.journal;

import io.ublkcsi.engine.control.VolumeKey;
import io.ublkcsi.engine.frontend.DeviceToken;
import java.util.Map;

/**
 * What is written down about one volume's device.
 *
 * @param bootId of the boot in which the device was made; devices do not outlive it
 * @param frontend the kind of the device's frontend
 * @param token the device carries it: what proves that it is the one of this entry
 * @param device path of the block device, for people; empty until it is known
 * @param options of the attach, by name
 */
public record JournalEntry(
        String bootId,
        VolumeKey volume,
        Phase phase,
        String frontend,
        DeviceToken token,
        String device,
        Map<String, String> options,
        CrashRecord crashes) {

    public JournalEntry {
        options = Map.copyOf(options);
    }

    public JournalEntry with(Phase next) {
        return new JournalEntry(bootId, volume, next, frontend, token, device, options, crashes);
    }

    public JournalEntry with(CrashRecord next) {
        return new JournalEntry(bootId, volume, phase, frontend, token, device, options, next);
    }

    public JournalEntry withDevice(String path) {
        return new JournalEntry(bootId, volume, phase, frontend, token, path, options, crashes);
    }
}
