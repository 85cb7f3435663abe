package io.ublkcsi.e2e;

/** A file system for a pool, on a disk of its own: a file in the guest's memory behind a device-mapper device. */
record PoolDisk(String name, long mib) implements AutoCloseable {
    /** Makes it and mounts it. */
    static PoolDisk make(String name, long mib, String mkfs) {
        PoolDisk disk = new PoolDisk(name, mib);
        Shell.run("mkdir -p " + disk.folder() + " && truncate -s " + mib + "M /mnt/" + name + ".img"
                + " && loop=$(losetup -f --show /mnt/" + name + ".img)"
                + " && dmsetup create " + name + " --table \"0 $(blockdev --getsz $loop) linear $loop 0\""
                + " && " + mkfs + " /dev/mapper/" + name + " && mount /dev/mapper/" + name + " " + disk.folder());
        return disk;
    }

    String folder() {
        return "/mnt/disk-" + name;
    }

    /** From now on the disk answers nothing. */
    void hang() {
        Shell.run("dmsetup suspend --noflush --nolockfs " + name);
    }

    /** What the disk did not answer, it answers now. */
    void goOn() {
        Shell.run("dmsetup resume " + name);
    }

    long freeMib() {
        return Long.parseLong(
                Shell.run("df --output=avail -m " + folder() + " | tail -n 1").strip());
    }

    /** Of a pool: the kernel lets go of an ended engine's images some time after its end, with its rings. */
    static void unmount(String folder) {
        Shell.run("for i in {1..600}; do umount " + folder + " && break; sleep 0.1; done; ! mountpoint -q " + folder);
    }

    @Override
    public void close() {
        unmount(folder());
        Shell.run("dmsetup remove --retry " + name + " && losetup -j /mnt/" + name
                + ".img | cut -d: -f1 | xargs losetup -d && rm /mnt/" + name + ".img");
    }
}
