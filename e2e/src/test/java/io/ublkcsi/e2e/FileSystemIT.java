package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** File systems on our disks: made, used, clean afterwards; space given back; grown while mounted. */
class FileSystemIT {
    private static final String MOUNT = "/mnt/e2e-fs";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ext4  | mkfs.ext4 -q -F         | e2fsck -f -n",
                "xfs   | mkfs.xfs -q -f          | xfs_repair -n",
                "btrfs | mkfs.btrfs -q -f        | btrfs check --readonly"
            })
    void isCleanAfterUse(String type, String mkfs, String fsck) {
        try (TestVolume volume = TestVolume.attached("fs-" + type, 400 * Guest.MIB)) {
            Shell.run(mkfs + " " + volume.path());
            mounted(
                    type,
                    volume.path(),
                    () -> Shell.run("cd " + MOUNT + " && cp -r /etc/. . && cp $(which fio) . && dd"
                            + " if=/dev/urandom of=big"
                            + " bs=1M count=24 status=none"
                            + " && find . -type f -print0 | sort -z | xargs -0 md5sum > /tmp/sums; sync"));
            Shell.run(fsck + " " + volume.path());
            mounted(type, volume.path(), () -> Shell.run("cd " + MOUNT + " && md5sum --quiet -c /tmp/sums"));
        }
    }

    @Test
    void discardGivesSpaceBackToThePool() {
        try (TestVolume volume = TestVolume.attached("discard", 64 * Guest.MIB)) {
            Shell.run("dd if=/dev/urandom of=" + volume.path() + " bs=1M count=64 oflag=direct status=none");
            long full = allocated(volume);
            assertThat(full).isGreaterThanOrEqualTo(64 * Guest.MIB);
            Shell.run("blkdiscard -o 8M -l 48M " + volume.path());
            assertThat(allocated(volume)).isLessThanOrEqualTo(full - 47 * Guest.MIB);
            Shell.run("cmp -n " + 48 * Guest.MIB + " -i " + 8 * Guest.MIB + ":0 " + volume.path() + " /dev/zero");
            Shell.run("blkdiscard -z " + volume.path());
            Shell.run("cmp -n " + 64 * Guest.MIB + " " + volume.path() + " /dev/zero");
        }
    }

    private static long allocated(TestVolume volume) {
        return 1024
                * Long.parseLong(Shell.run("sync; du -k "
                                + Guest.poolDirectory().resolve("volumes").resolve(volume.id() + ".raw") + " | cut -f1")
                        .strip());
    }

    static void mounted(String type, String device, Runnable work) {
        Shell.run("mkdir -p " + MOUNT + " && mount -t " + type + " " + device + " " + MOUNT);
        try {
            work.run();
        } finally {
            Shell.run("umount " + MOUNT);
        }
    }
}
