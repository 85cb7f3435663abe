package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.frontend.DeviceNodes;
import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Linux;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The UIO devices of the kernel's target, as sysfs shows them. Reads only. */
final class UioDevices {
    private static final Path CLASS = Path.of("/sys/class/uio");
    private static final String PREFIX = "uio";
    /** First part of the names of the target's devices. */
    static final String TARGET = "tcm-user";

    /**
     * One of them.
     *
     * @param number of {@code /dev/uioN}
     * @param name {@code tcm-user/HBA/DEVICE/CONFIGURATION}
     */
    record Uio(int number, String name) {
        String path() {
            return "/dev/" + PREFIX + number;
        }

        private Path sysfs() {
            return CLASS.resolve(PREFIX + number);
        }

        /** Whether a process has it open, or the ring of one that has died. */
        boolean isBusy() {
            int probe = Linux.open(path(), Linux.O_RDWR);
            if (probe >= 0) {
                Linux.close(probe);
            }
            return probe == -Errno.EBUSY;
        }

        /** Waits for its node, opens and maps it. */
        UioFile open() {
            String[] numbers = ConfigFs.read(sysfs().resolve("dev")).split(":");
            String bytes = ConfigFs.read(sysfs().resolve("maps/map0/size"));
            if (numbers.length != 2 || bytes.isEmpty()) {
                throw new EngineException(Kind.INTERNAL, path() + " is gone");
            }
            DeviceNodes.awaitCharacter(path(), Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
            return UioFile.open(path(), Long.decode(bytes));
        }
    }

    private UioDevices() {}

    /** The device with exactly this name; null when there is none. */
    static @Nullable Uio find(String name) {
        return all().stream().filter(uio -> uio.name().equals(name)).findFirst().orElse(null);
    }

    /** Every device of the target, whoever made it, by number. */
    static List<Uio> all() {
        List<Uio> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(CLASS, PREFIX + "*")) {
            for (Path entry : entries) {
                String name = ConfigFs.read(entry.resolve("name"));
                if (name.startsWith(TARGET + "/")) {
                    int number = Integer.parseInt(entry.getFileName().toString().substring(PREFIX.length()));
                    all.add(new Uio(number, name));
                }
            }
        } catch (IOException none) {
            return List.of();
        }
        all.sort(Comparator.comparingInt(Uio::number));
        return all;
    }
}
