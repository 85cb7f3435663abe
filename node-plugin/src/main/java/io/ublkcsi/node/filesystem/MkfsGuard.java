package io.ublkcsi.node.filesystem;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.Filesystem;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.filesystem.Probe.Finding;
import io.ublkcsi.proto.engine.v1.Volume;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Decides whether a device may be formatted. The only way to lose a user's data in one stroke goes through here, so
 * everything has to say that there is none: the volume's record, its origin, its image, and the device itself.
 */
public final class MkfsGuard {
    private final Probe probe;

    public MkfsGuard(Probe probe) {
        this.probe = probe;
    }

    /**
     * What is known of a volume before it is formatted or mounted.
     *
     * @param volume its record, as the engine has it
     * @param formatting our own mkfs was begun on it, when it was proven empty, and did not end
     * @param device that shows it
     * @param readOnly nothing may be written
     */
    public record Facts(Volume volume, boolean formatting, Path device, long sizeBytes, boolean readOnly) {
        String id() {
            return volume.getVolumeId();
        }

        boolean ownUnfinishedFormat() {
            return formatting && !volume.getFormatted();
        }
    }

    /**
     * The file system that is there; empty when the device is empty and may be formatted.
     *
     * @throws CsiFault.Precondition when there is something that must be left alone, or should be and isn't there
     */
    public Optional<Filesystem> decide(Facts facts, Deadline deadline) {
        if (facts.ownUnfinishedFormat()) {
            return Optional.empty();
        }
        return switch (probe.look(facts.id(), facts.device(), facts.sizeBytes(), deadline)) {
            case Finding.Known(Filesystem filesystem) -> Optional.of(filesystem);
            case Finding.Foreign(String what) -> throw refused(facts, "it holds " + what);
            case Finding.Nothing() -> {
                checkEmpty(facts, deadline);
                yield Optional.empty();
            }
        };
    }

    private void checkEmpty(Facts facts, Deadline deadline) {
        if (facts.volume().getFormatted()) {
            throw refused(facts, "it was formatted once, and no file system is found on it now: it may be damaged");
        }
        if (facts.volume().hasSource()) {
            throw refused(facts, "it is a copy of another volume, and no file system is found on it");
        }
        if (facts.readOnly()) {
            throw refused(facts, "it is to be used read-only, and is empty");
        }
        data(facts, deadline).ifPresent(what -> {
            throw refused(facts, "no file system is found on it, but it holds " + what);
        });
    }

    /** What the volume holds that no signature told of. */
    private Optional<String> data(Facts facts, Deadline deadline) {
        return switch (facts.volume().getData()) {
            case DATA_PRESENCE_NONE -> Optional.empty();
            case DATA_PRESENCE_SOME -> Optional.of("data");
            case DATA_PRESENCE_UNSPECIFIED, UNRECOGNIZED ->
                probe.notZero(facts.id(), facts.device(), 0, facts.sizeBytes(), deadline);
        };
    }

    private static CsiFault refused(Facts facts, String why) {
        return new CsiFault.Precondition("volume " + facts.id() + " is not formatted: " + why
                + ". Nothing was written. If its content is of no value, delete the volume and make a new one");
    }
}
