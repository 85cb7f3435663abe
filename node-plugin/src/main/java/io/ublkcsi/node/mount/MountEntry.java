package io.ublkcsi.node.mount;

import java.nio.file.Path;
import java.util.Set;

/**
 * One line of mountinfo.
 *
 * @param device major and minor, such as {@code 259:3}; of btrfs an anonymous one
 * @param root which folder of the file system is mounted; of a bind-mounted device node its path in devtmpfs
 * @param point where
 * @param options of this mount: {@code ro} or {@code rw} among them
 * @param filesystem type
 * @param source as it was mounted, such as {@code /dev/ublkb0}
 * @param superOptions of the file system
 */
public record MountEntry(
        String device,
        String root,
        Path point,
        Set<String> options,
        String filesystem,
        String source,
        Set<String> superOptions) {
    public boolean readOnly() {
        return options.contains("ro");
    }

    /** Whether the device node itself is mounted here, as raw block volumes are published. */
    public boolean isNodeOf(Path devicePath) {
        return filesystem.equals("devtmpfs") && devicePath.toString().endsWith(root) && root.length() > 1;
    }

    /** Whether a file system on this device is mounted here. */
    public boolean isFilesystemOn(Path devicePath, String majorMinor) {
        return source.equals(devicePath.toString()) || device.equals(majorMinor);
    }
}
