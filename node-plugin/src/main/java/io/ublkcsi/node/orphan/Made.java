package io.ublkcsi.node.orphan;

import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Which volumes and snapshots this plugin had made, and for which cluster: a small file each, written before the
 * engine is asked and removed after the bytes are gone. What is in a pool without such a file is somebody else's.
 */
public final class Made implements Notes {
    private final Path folder;
    private final String cluster;

    /** @param cluster who it is made for, such as the uid of the namespace kube-system */
    public Made(Path folder, String cluster) throws IOException {
        this.folder = folder;
        this.cluster = cluster;
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    @Override
    public void begin(String id) {
        if (isOurs(id)) {
            return;
        }
        Path temporary = folder.resolve("." + id + ".tmp");
        try {
            Files.writeString(temporary, cluster, StandardCharsets.UTF_8);
            sync(temporary, StandardOpenOption.WRITE);
            Files.move(temporary, folder.resolve(id), StandardCopyOption.ATOMIC_MOVE);
            sync(folder, StandardOpenOption.READ);
        } catch (IOException failure) {
            throw new CsiFault.Internal(
                    "can't note in " + folder + " that " + id + " is made: " + failure.getMessage()
                            + "; is the disk full or read-only?",
                    failure);
        }
        CrashPoints.reach("made.after-begun");
    }

    @Override
    public void end(String id) {
        try {
            if (Files.deleteIfExists(folder.resolve(id))) {
                CrashPoints.reach("made.after-ended");
            }
        } catch (IOException failure) {
            throw new CsiFault.Internal("can't remove the note of " + id + ": " + failure.getMessage(), failure);
        }
    }

    /** Whether it was made for this cluster. */
    public boolean isOurs(String id) {
        try {
            return Files.readString(folder.resolve(id)).equals(cluster);
        } catch (NoSuchFileException none) {
            return false;
        } catch (IOException failure) {
            throw new CsiFault.Internal("can't read the note of " + id + ": " + failure.getMessage(), failure);
        }
    }

    private static void sync(Path path, StandardOpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }
}
