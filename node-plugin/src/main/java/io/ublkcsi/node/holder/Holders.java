package io.ublkcsi.node.holder;

import io.ublkcsi.node.mount.MountEntry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds out who keeps a device or a mount busy: processes with an open file, a working folder or a mount of their own,
 * and loop devices. For messages only; reads /proc and /sys, touches no file system in question.
 */
public final class Holders {
    private static final int MAX_NAMED = 5;

    private final Path proc;
    private final Path sys;

    public Holders() {
        this(Path.of("/proc"), Path.of("/sys"));
    }

    Holders(Path proc, Path sys) {
        this.proc = proc;
        this.sys = sys;
    }

    /** Who holds files below a mount, for people. */
    public String ofMount(MountEntry mount) {
        Set<String> found = new LinkedHashSet<>();
        forEachProcess(process -> {
            for (Path link : links(process)) {
                if (target(link).startsWith(mount.point() + "/")
                        || target(link).equals(mount.point().toString())) {
                    found.add(describe(process, "has " + target(link) + " open"));
                }
            }
        });
        return named(found);
    }

    /** Who holds a block device: opened, mounted in any mount namespace, or under a loop device. */
    public String ofDevice(Path device, String majorMinor) {
        Set<String> found = new LinkedHashSet<>(processesWith(device));
        forEachProcess(process -> mountOf(process, device, majorMinor)
                .forEach(point -> found.add(describe(process, "has it mounted at " + point))));
        found.addAll(loopsOver(device));
        return named(found);
    }

    /** Processes that have the device open, this one excepted. */
    public List<String> processesWith(Path device) {
        List<String> found = new ArrayList<>();
        long self = ProcessHandle.current().pid();
        forEachProcess(process -> {
            boolean open = links(process).stream().anyMatch(link -> target(link).equals(device.toString()));
            if (open && !process.getFileName().toString().equals(Long.toString(self))) {
                found.add(describe(process, "has it open"));
            }
        });
        return found;
    }

    private List<String> mountOf(Path process, Path device, String majorMinor) {
        List<String> points = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(process.resolve("mountinfo"))) {
                String[] words = line.split(" ");
                if (words.length > 4 && (words[2].equals(majorMinor) || line.contains(" " + device + " "))) {
                    points.add(words[4]);
                    return points;
                }
            }
        } catch (IOException | RuntimeException gone) {
            // A process that ended meanwhile holds nothing.
            return points;
        }
        return points;
    }

    private List<String> loopsOver(Path device) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> loops = Files.newDirectoryStream(sys.resolve("block"), "loop*")) {
            for (Path loop : loops) {
                Path backing = loop.resolve("loop/backing_file");
                if (Files.exists(backing) && Files.readString(backing).strip().endsWith(device.toString())) {
                    found.add("/dev/" + loop.getFileName() + " (a loop device over it)");
                }
            }
        } catch (IOException none) {
            return found;
        }
        return found;
    }

    private static List<Path> links(Path process) {
        List<Path> links = new ArrayList<>(List.of(process.resolve("cwd"), process.resolve("root")));
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            descriptors.forEach(links::add);
        } catch (IOException | RuntimeException gone) {
            return links;
        }
        return links;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException | RuntimeException gone) {
            return "";
        }
    }

    private static String describe(Path process, String how) {
        String command;
        try {
            command = Files.readString(process.resolve("comm")).strip();
        } catch (IOException gone) {
            command = "?";
        }
        return command + " (pid " + process.getFileName() + ") " + how;
    }

    private void forEachProcess(java.util.function.Consumer<Path> action) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            processes.forEach(action);
        } catch (IOException unreadable) {
            return;
        }
    }

    private static String named(Set<String> found) {
        if (found.isEmpty()) {
            return "nobody that can be seen from here; look for processes in other pid namespaces";
        }
        String names = String.join(", ", found.stream().limit(MAX_NAMED).toList());
        return found.size() > MAX_NAMED ? names + " and " + (found.size() - MAX_NAMED) + " more" : names;
    }
}
