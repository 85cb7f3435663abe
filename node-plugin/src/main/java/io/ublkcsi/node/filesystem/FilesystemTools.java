package io.ublkcsi.node.filesystem;

import io.ublkcsi.common.parameters.Filesystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands of each file system, and what their exit codes mean. */
public enum FilesystemTools {
    /** fsck in preen mode repairs only what is safe to repair unasked. */
    EXT4(List.of("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "nodiscard,lazy_itable_init=1")) {
        @Override
        public List<String> check(Path device) {
            return List.of("fsck.ext4", "-p", device.toString());
        }

        @Override
        public Verdict verdict(int exitCode) {
            // fsck(8): a sum of bits; 1 and 2 are errors corrected, 4 errors left, the rest failures to check.
            if (exitCode == 0) {
                return Verdict.CLEAN;
            }
            return (exitCode & ~3) == 0 ? Verdict.REPAIRED : (exitCode & 4) != 0 ? Verdict.DAMAGED : Verdict.UNKNOWN;
        }

        @Override
        public String cure(Path device) {
            return "e2fsck -f " + device;
        }

        @Override
        public List<String> grow(Path device, Path point) {
            return List.of("resize2fs", device.toString());
        }
    },

    /** Replays its log when mounted; xfs_repair is for people, and without -n it throws a dirty log away. */
    XFS(List.of("mkfs.xfs", "-q", "-f", "-K")) {
        @Override
        public String cure(Path device) {
            return "xfs_repair " + device;
        }

        @Override
        public List<String> grow(Path device, Path point) {
            return List.of("xfs_growfs", "-d", point.toString());
        }

        @Override
        List<String> copyOptions() {
            // A clone has its source's UUID, and both may be mounted; changing it would rewrite the log.
            return List.of("nouuid");
        }
    },

    BTRFS(List.of("mkfs.btrfs", "-q", "-f", "-K")) {
        @Override
        public String cure(Path device) {
            return "btrfs check --readonly " + device;
        }

        @Override
        public List<String> grow(Path device, Path point) {
            return List.of("btrfs", "filesystem", "resize", "max", point.toString());
        }

        @Override
        String withoutLog() {
            return "rescue=nologreplay";
        }
    };

    private final List<String> mkfs;

    FilesystemTools(List<String> mkfs) {
        this.mkfs = mkfs;
    }

    public static FilesystemTools of(Filesystem filesystem) {
        return switch (filesystem) {
            case EXT4 -> EXT4;
            case XFS -> XFS;
            case BTRFS -> BTRFS;
        };
    }

    /** What a check found. */
    public enum Verdict {
        CLEAN,
        REPAIRED,
        /** Needs a person. */
        DAMAGED,
        /** Could not be checked. */
        UNKNOWN
    }

    /** Makes the file system on a device that was found empty; nothing is discarded, there is nothing. */
    public List<String> make(Path device, List<String> options) {
        List<String> command = new ArrayList<>(mkfs);
        command.addAll(options);
        command.add(device.toString());
        return command;
    }

    /** Checks it before a mount; empty where mounting does all that may be done unasked. */
    public List<String> check(Path device) {
        return List.of();
    }

    /** What the check's exit code says. */
    public Verdict verdict(int exitCode) {
        return exitCode == 0 ? Verdict.CLEAN : Verdict.UNKNOWN;
    }

    /** What a person would run on a damaged one. */
    public abstract String cure(Path device);

    /** Grows it, mounted, to the size of its device. */
    public abstract List<String> grow(Path device, Path point);

    /**
     * Mount options beside the user's.
     *
     * @param readOnly nothing is to be written by users; the log is still replayed, or files would be missing
     * @param deviceReadOnly the device takes no writes at all, not even the log's
     * @param copy the volume started as a copy of another
     */
    public List<String> mountOptions(boolean readOnly, boolean deviceReadOnly, boolean copy) {
        List<String> options = new ArrayList<>();
        if (readOnly || deviceReadOnly) {
            options.add("ro");
        }
        if (deviceReadOnly) {
            options.add(withoutLog());
        }
        if (copy) {
            options.addAll(copyOptions());
        }
        return options;
    }

    String withoutLog() {
        return "norecovery";
    }

    List<String> copyOptions() {
        return List.of();
    }
}
