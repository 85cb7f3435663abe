package io.ublkcsi.node.fake;

import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.node.engine.BlockDevices;
import io.ublkcsi.node.mount.MountEntry;
import io.ublkcsi.node.mount.MountTable;
import io.ublkcsi.node.process.Commands;
import io.ublkcsi.proto.engine.v1.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A machine in memory: images, the devices that show them, what is mounted, and the programs that change all that. It
 * outlives the plugins that run on it. Thread-safe.
 */
public final class FakeHost implements Backing, BlockDevices, Commands {
    private static final int MAJOR = 259;
    private static final int NOTHING_FOUND = 2;

    private final Map<String, Image> images = new HashMap<>();
    private final Map<Path, Shown> devices = new TreeMap<>();
    private final List<MountEntry> mounts = new ArrayList<>();

    /** Bytes: what is on them, as far as tests care. */
    private static final class Image {
        private long size;
        private String filesystem = "";
        private long filesystemBytes;
        private boolean raw;
        private final Map<String, String> files = new HashMap<>();

        Image copy(long bytes) {
            Image copy = new Image();
            copy.size = bytes;
            copy.filesystem = filesystem;
            copy.filesystemBytes = filesystemBytes;
            copy.raw = raw;
            copy.files.putAll(files);
            return copy;
        }
    }

    private record Shown(String image, int minor, boolean readOnly, long sizeBytes) {}

    @Override
    public synchronized void create(String image, long sizeBytes, Optional<String> copyOf) {
        Image made =
                copyOf.map(source -> images.get(source).copy(sizeBytes)).orElseGet(() -> new Image().copy(sizeBytes));
        images.put(image, made);
    }

    @Override
    public synchronized void delete(String image) {
        images.remove(image);
    }

    @Override
    public synchronized void grow(String image, long sizeBytes) {
        images.get(image).size = sizeBytes;
    }

    @Override
    public synchronized boolean hasData(String image) {
        return images.get(image).raw || !images.get(image).filesystem.isEmpty();
    }

    @Override
    public synchronized Node attach(String image, boolean readOnly) {
        int minor = 0;
        while (devices.containsKey(path(minor))) {
            minor++;
        }
        devices.put(path(minor), new Shown(image, minor, readOnly, images.get(image).size));
        return new Node(path(minor).toString(), MAJOR, minor);
    }

    @Override
    public synchronized void resize(Node node) {
        devices.computeIfPresent(
                Path.of(node.path()),
                (_, old) -> new Shown(old.image(), old.minor(), old.readOnly(), images.get(old.image()).size));
    }

    @Override
    public synchronized boolean detach(Node node) {
        Path path = Path.of(node.path());
        boolean used = mounts.stream().anyMatch(mount -> isOf(mount, path));
        return !used && devices.remove(path) != null;
    }

    @Override
    public synchronized void verify(Device device) {
        if (!devices.containsKey(Path.of(device.getPath()))) {
            throw new IllegalStateException(device.getPath() + " is not there");
        }
    }

    @Override
    public synchronized long sizeBytes(Path device) {
        return devices.get(device).sizeBytes();
    }

    @Override
    public synchronized boolean readOnly(Path device) {
        return devices.get(device).readOnly();
    }

    /** What a process would read from mountinfo now. */
    public synchronized MountTable mounts() {
        return new MountTable(List.copyOf(mounts));
    }

    public synchronized int deviceCount() {
        return devices.size();
    }

    public synchronized int imageCount() {
        return images.size();
    }

    /** Writes a file below a mount. */
    public synchronized void write(Path point, String name, String content) {
        MountEntry mount = mounts().at(point).orElseThrow();
        if (mount.readOnly() || mount.superOptions().contains("ro")) {
            throw new IllegalStateException(point + " is read-only");
        }
        image(Path.of(mount.source())).files.put(name, content);
    }

    /** What a file below a mount holds. */
    public synchronized String read(Path point, String name) {
        return image(Path.of(mounts().at(point).orElseThrow().source())).files.getOrDefault(name, "");
    }

    /** How large the file system at a mount is. */
    public synchronized long filesystemBytes(Path point) {
        return image(Path.of(mounts().at(point).orElseThrow().source())).filesystemBytes;
    }

    /** Writes to a volume past any file system, as a user of a raw one does. */
    public synchronized void scribble(String image) {
        images.get(image).raw = true;
    }

    @Override
    public synchronized Result run(String volume, List<String> command, Deadline deadline) {
        String last = command.getLast();
        return switch (command.getFirst()) {
            case "blkid" -> blkid(image(Path.of(last)));
            case "wipefs", "fsck.ext4" -> done();
            case "cmp" -> new Result(image(Path.of(last)).raw ? 1 : 0, "");
            case "mkfs.ext4", "mkfs.xfs", "mkfs.btrfs" ->
                mkfs(command.getFirst().substring(5), Path.of(last));
            case "mount" -> mount(command);
            case "umount" -> umount(Path.of(last));
            case "resize2fs" -> growTo(Path.of(last));
            case "xfs_growfs", "btrfs" ->
                growTo(Path.of(mounts().at(Path.of(last)).orElseThrow().source()));
            case "stat" -> new Result(0, "4096 1000 900 900 100 90");
            default -> new Result(127, command.getFirst() + ": not found");
        };
    }

    private static Result blkid(Image image) {
        return image.filesystem.isEmpty()
                ? new Result(NOTHING_FOUND, "")
                : new Result(0, "TYPE=" + image.filesystem + "\nUSAGE=filesystem");
    }

    private Result mkfs(String filesystem, Path device) {
        Image image = image(device);
        image.filesystem = filesystem;
        image.filesystemBytes = sizeBytes(device);
        image.files.clear();
        return done();
    }

    private Result growTo(Path device) {
        image(device).filesystemBytes = sizeBytes(device);
        return done();
    }

    private Result mount(List<String> command) {
        Path point = Path.of(command.getLast());
        if (command.contains("--bind")) {
            mounts.add(bound(Path.of(command.get(command.size() - 2)), point));
        } else if (command.contains("remount,bind,ro")) {
            MountEntry old = mounts().at(point).orElseThrow();
            mounts.set(mounts.lastIndexOf(old), with(old, point, Set.of("ro")));
        } else {
            Path device = Path.of(command.get(command.size() - 2));
            int options = command.indexOf("-o");
            boolean readOnly =
                    options > 0 && List.of(command.get(options + 1).split(",")).contains("ro");
            Set<String> access = Set.of(readOnly ? "ro" : "rw");
            String numbers = MAJOR + ":" + devices.get(device).minor();
            mounts.add(new MountEntry(numbers, "/", point, access, command.get(3), device.toString(), access));
        }
        return done();
    }

    private MountEntry bound(Path source, Path point) {
        if (devices.containsKey(source)) {
            Set<String> access = Set.of("rw");
            return new MountEntry("0:6", "/" + source.getFileName(), point, access, "devtmpfs", "udev", access);
        }
        MountEntry old = mounts().at(source).orElseThrow();
        return with(old, point, old.options());
    }

    private static MountEntry with(MountEntry old, Path point, Set<String> options) {
        return new MountEntry(
                old.device(), old.root(), point, options, old.filesystem(), old.source(), old.superOptions());
    }

    private Result umount(Path point) {
        Optional<MountEntry> top = mounts().at(point);
        top.ifPresent(entry -> mounts.remove(mounts.lastIndexOf(entry)));
        return top.isPresent() ? done() : new Result(32, "not mounted");
    }

    private static Result done() {
        return new Result(0, "");
    }

    private boolean isOf(MountEntry mount, Path device) {
        return mount.isNodeOf(device) || mount.source().equals(device.toString());
    }

    private Image image(Path device) {
        return images.get(devices.get(device).image());
    }

    private static Path path(int minor) {
        return Path.of("/dev/ublkb" + minor);
    }
}
