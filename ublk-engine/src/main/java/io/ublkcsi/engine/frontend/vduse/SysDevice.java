package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.block.Requests;
import io.ublkcsi.engine.frontend.DeviceNodes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What sysfs says of VDUSE devices and their disks. Reads only; any thread. */
final class SysDevice {
    static final Path CLASS = Path.of("/sys/class/vduse");
    static final Path BUS = Path.of("/sys/bus/vdpa");
    static final Path DRIVER = BUS.resolve("drivers/virtio_vdpa");

    private SysDevice() {}

    /** Whether VDUSE has a device of that name. */
    static boolean exists(String name) {
        return Files.exists(CLASS.resolve(name));
    }

    /** Whether the device is on the vDPA bus, where drivers look for it. */
    static boolean isOnBus(String name) {
        return Files.exists(BUS.resolve("devices").resolve(name));
    }

    static boolean isBound(String name) {
        return Files.exists(DRIVER.resolve(name));
    }

    /** The block device's folder, such as {@code .../virtio1/block/vda}; null when there is none. */
    static @Nullable Path disk(String name) {
        Path device = BUS.resolve("devices").resolve(name);
        Path virtio = first(device, "virtio*");
        return virtio == null ? null : first(virtio.resolve("block"), "*");
    }

    private static @Nullable Path first(Path folder, String glob) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
            for (Path entry : entries) {
                return entry;
            }
            return null;
        } catch (IOException missing) {
            return null;
        }
    }

    /** The numbers in a device's {@code dev}. */
    static DeviceNodes.Numbers numbers(Path device) {
        String[] parts = read(device.resolve("dev")).split(":", -1);
        return new DeviceNodes.Numbers(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    /** The kernel's number of a VDUSE device. */
    static int id(String name) {
        return numbers(CLASS.resolve(name)).minor();
    }

    /** Size, blocks, and whether it is read-only. */
    static BlockLimits limits(Path disk) {
        int logical = Integer.parseInt(read(disk.resolve("queue/logical_block_size")));
        int physical = Integer.parseInt(read(disk.resolve("queue/physical_block_size")));
        boolean readOnly = read(disk.resolve("ro")).equals("1");
        long bytes = Math.max(logical, sizeBytes(disk));
        return new BlockLimits(bytes, logical, physical, 0, 1, 0, readOnly, true, true, true, true, false);
    }

    static long sizeBytes(Path disk) {
        return Long.parseLong(read(disk.resolve("size"))) * Requests.SECTOR_BYTES;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip().toLowerCase(Locale.ROOT);
        } catch (IOException failure) {
            throw new EngineException(Kind.INTERNAL, "reading " + file + " failed: " + failure.getMessage(), failure);
        }
    }
}
