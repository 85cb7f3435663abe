package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Directories and one-value files of configfs and sysfs; each call is the kernel doing something at once. */
final class ConfigFs {
    private ConfigFs() {}

    /** Writes a file that is there, in one piece. */
    static void write(Path file, String value) {
        try {
            Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
        } catch (IOException refused) {
            throw failure("writing '" + value + "' to " + file, refused);
        }
    }

    /** A file's one value; empty when there is no such file. */
    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException none) {
            return "";
        }
    }

    /** Makes a directory, which makes something in the kernel; false when it is there already. */
    static boolean makeDirectory(Path directory) {
        try {
            Files.createDirectory(directory);
            return true;
        } catch (FileAlreadyExistsException there) {
            return false;
        } catch (IOException refused) {
            throw failure("making " + directory, refused);
        }
    }

    /** Removes a directory or link; what is not there is no fault. */
    static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException refused) {
            throw failure("removing " + path, refused);
        }
    }

    /** Removes a directory if nothing is in it. */
    static void removeIfUnused(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException used) {
            // Others have their devices there.
        } catch (FileSystemException refused) {
            // EBUSY: the same, for a directory whose files the kernel made.
        } catch (IOException refused) {
            throw failure("removing " + directory, refused);
        }
    }

    static EngineException failure(String what, IOException cause) {
        return new EngineException(Kind.INTERNAL, what + " failed: " + reason(cause), cause);
    }

    /** The kernel's answer, without the file's name that Java puts before it. */
    static String reason(@Nullable Throwable cause) {
        if (cause instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (cause instanceof FileSystemException known && known.getReason() != null) {
            return known.getReason();
        }
        return cause == null || cause.getMessage() == null ? String.valueOf(cause) : cause.getMessage();
    }
}
