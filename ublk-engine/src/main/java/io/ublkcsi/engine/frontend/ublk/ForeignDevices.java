package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.frontend.ForeignDevice;
import io.ublkcsi.engine.uring.UringSyscalls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds the ublk devices on this node that other programs serve. Reads only. */
final class ForeignDevices {
    private static final Path DEVICES = Path.of("/sys/class/ublk-char");
    private static final String PREFIX = "ublkc";

    private ForeignDevices() {}

    static List<ForeignDevice> find(UringSyscalls syscalls, Collection<Integer> ours) {
        List<Integer> others = ids().stream().filter(id -> !ours.contains(id)).toList();
        if (others.isEmpty()) {
            return List.of();
        }
        try (UblkControl control = new UblkControl(syscalls)) {
            return others.stream().map(id -> describe(control, id)).toList();
        }
    }

    private static List<Integer> ids() {
        List<Integer> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DEVICES, PREFIX + "*")) {
            entries.forEach(entry ->
                    ids.add(Integer.valueOf(entry.getFileName().toString().substring(PREFIX.length()))));
        } catch (IOException noDriver) {
            return List.of();
        }
        ids.sort(Comparator.naturalOrder());
        return ids;
    }

    private static ForeignDevice describe(UblkControl control, int id) {
        try {
            DeviceInfo info = control.info(id);
            return new ForeignDevice(
                    id, info == null || info.pid() <= 0 ? "nobody serves it" : "process " + info.pid());
        } catch (EngineException unknown) {
            return new ForeignDevice(id, unknown.getMessage());
        }
    }
}
