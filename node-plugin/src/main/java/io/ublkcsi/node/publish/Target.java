package io.ublkcsi.node.publish;

import io.ublkcsi.common.crash.CrashPoints;
import io.ublkcsi.common.fault.CsiFault;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The file or folder that a volume is mounted on. */
final class Target {
    private Target() {}

    static void createFolder(Path path) {
        try {
            Files.createDirectories(path);
        } catch (IOException failure) {
            throw new CsiFault.Internal("target_path: can't make the folder " + path + ": " + failure.getMessage());
        }
        CrashPoints.reach("publish.after-folder");
    }

    static void createFile(Path path) {
        try {
            Files.createDirectories(path.getParent());
            Files.createFile(path);
        } catch (FileAlreadyExistsException there) {
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new CsiFault.Exists("target_path: " + path + " exists and is no plain file");
            }
        } catch (IOException failure) {
            throw new CsiFault.Internal("target_path: can't make the file " + path + ": " + failure.getMessage());
        }
        CrashPoints.reach("publish.after-file");
    }

    /** Removes what is left when nothing is mounted there any more. */
    static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (DirectoryNotEmptyException filled) {
            throw new CsiFault.Precondition("target_path: " + path
                    + " has files in it though nothing is mounted there; they are not the volume's:"
                    + " look, move them away");
        } catch (IOException failure) {
            throw new CsiFault.Internal("target_path: can't remove " + path + ": " + failure.getMessage());
        }
        CrashPoints.reach("unpublish.after-remove");
    }
}
