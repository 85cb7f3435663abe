package io.ublkcsi.common.parameters;

import io.ublkcsi.common.fault.CsiFault;

/** The file systems that the driver makes, checks, mounts and grows. */
public enum Filesystem {
    EXT4("ext4", 1L << 20),
    XFS("xfs", 300L << 20),
    BTRFS("btrfs", 128L << 20);

    private final String text;
    private final long minimumBytes;

    Filesystem(String text, long minimumBytes) {
        this.text = text;
        this.minimumBytes = minimumBytes;
    }

    /** As mount and mkfs call it. */
    public String text() {
        return text;
    }

    /** The smallest volume on which its mkfs makes one. */
    public long minimumBytes() {
        return minimumBytes;
    }

    /** What mount, mkfs and StorageClasses call it. */
    public static Filesystem parse(String field, String text) {
        for (Filesystem filesystem : values()) {
            if (filesystem.text.equals(text)) {
                return filesystem;
            }
        }
        throw new CsiFault.Invalid(field, "'" + text + "' is not supported: ext4, xfs or btrfs");
    }
}
