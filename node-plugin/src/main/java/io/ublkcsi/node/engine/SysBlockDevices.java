package io.ublkcsi.node.engine;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.proto.engine.v1.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Block devices by /dev and /sys/class/block. */
public final class SysBlockDevices implements BlockDevices {
    private static final int FORMAT_MASK = 0170000;
    private static final int BLOCK_DEVICE = 0060000;
    /** /sys counts in these, whatever the device's block. */
    private static final int SECTOR_BYTES = 512;

    @Override
    public void verify(Device device) {
        Path path = Path.of(device.getPath());
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            long number = (Long) Files.getAttribute(path, "unix:rdev");
            if ((mode & FORMAT_MASK) != BLOCK_DEVICE) {
                throw new CsiFault.Internal(path + " is no block device; was a file made in its place?");
            }
            if (major(number) != device.getMajor() || minor(number) != device.getMinor()) {
                throw new CsiFault.Internal(path + " is device " + major(number) + ":" + minor(number)
                        + ", not the engine's " + BlockDevices.numbers(device)
                        + "; does this container have the host's /dev?");
            }
        } catch (IOException failure) {
            throw new CsiFault.Internal(
                    "can't see " + path + ": " + failure.getMessage() + "; does this container have the host's /dev?",
                    failure);
        }
    }

    @Override
    public long sizeBytes(Path device) {
        return Long.parseLong(read(device, "size")) * SECTOR_BYTES;
    }

    @Override
    public boolean readOnly(Path device) {
        return read(device, "ro").equals("1");
    }

    private static String read(Path device, String attribute) {
        Path file = Path.of("/sys/class/block").resolve(device.getFileName()).resolve(attribute);
        try {
            return Files.readString(file).strip();
        } catch (IOException failure) {
            throw new CsiFault.Internal(
                    "can't read " + file + ": " + failure.getMessage() + "; is the device gone?", failure);
        }
    }

    /** As in Linux's dev_t: twelve bits of major in the middle, the minor around them. */
    private static int major(long number) {
        return (int) ((number >>> 8 & 0xfff) | (number >>> 32 & ~0xfff));
    }

    private static int minor(long number) {
        return (int) ((number & 0xff) | (number >>> 12 & ~0xff));
    }
}
