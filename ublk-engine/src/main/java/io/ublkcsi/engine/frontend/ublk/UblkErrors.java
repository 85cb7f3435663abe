package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns what the driver refuses into a sentence with the cure. */
final class UblkErrors {
    private static final Path LIMIT = Path.of("/sys/module/ublk_drv/parameters/ublks_max");

    private UblkErrors() {}

    static EngineException noControlDevice(int errno) {
        return switch (-errno) {
            case Errno.ENOENT, Errno.ENXIO, Errno.ENODEV ->
                new EngineException(
                        Kind.FAILED_PRECONDITION,
                        "there is no " + ControlRing.PATH
                                + ": load the driver with 'modprobe ublk_drv' (kernel 6.5 or later with"
                                + " CONFIG_BLK_DEV_UBLK), or attach with the VDUSE or TCMU frontend on"
                                + " a kernel without ublk");
            case Errno.EACCES, Errno.EPERM ->
                new EngineException(
                        Kind.PERMISSION_DENIED,
                        "no permission to open " + ControlRing.PATH
                                + ": run the engine as root with CAP_SYS_ADMIN, and in a"
                                + " container as a privileged one");
            default ->
                new EngineException(Kind.INTERNAL, "opening " + ControlRing.PATH + " failed with " + Errno.name(errno));
        };
    }

    /** What a control command's {@code -errno} means. */
    static EngineException refused(int opcode, int device, int errno) {
        String command = UblkOpcode.name(opcode);
        String subject = device < 0 ? "a new ublk device" : "ublk device " + device;
        if (errno == -Errno.ETIMEDOUT) {
            return new EngineException(
                    Kind.DEADLINE_EXCEEDED,
                    command + " for " + subject
                            + " was not answered in time: look for a stuck backend or a hung task in"
                            + " the kernel log");
        }
        if (opcode == UblkOpcode.ADD_DEV) {
            return addRefused(errno);
        }
        if (errno == -Errno.ENODEV) {
            return new EngineException(Kind.NOT_FOUND, "there is no " + subject);
        }
        if (errno == -Errno.EPERM) {
            return new EngineException(Kind.PERMISSION_DENIED, command + " for " + subject + " needs CAP_SYS_ADMIN");
        }
        Kind kind = errno == -Errno.EBUSY ? Kind.FAILED_PRECONDITION : Kind.INTERNAL;
        return new EngineException(kind, command + " for " + subject + " failed with " + Errno.name(errno));
    }

    static EngineException inUse(String path) {
        return new EngineException(
                Kind.FAILED_PRECONDITION,
                path + " is in use: unmount it and close what has it open (fuser -v " + path + " names them),"
                        + " or detach by force, which fails their I/O");
    }

    private static EngineException addRefused(int errno) {
        return switch (-errno) {
            case Errno.EACCES, Errno.ENOSPC ->
                new EngineException(
                        Kind.RESOURCE_EXHAUSTED,
                        "the driver's device limit is reached (ublks_max is " + limit()
                                + "): raise it with 'echo 1024 > " + LIMIT + "', or detach volumes that nobody uses");
            case Errno.EPERM ->
                new EngineException(
                        Kind.PERMISSION_DENIED, "adding a ublk device needs CAP_SYS_ADMIN: run the engine privileged");
            case Errno.EEXIST -> new EngineException(Kind.ALREADY_EXISTS, "that ublk device number is taken");
            case Errno.EINVAL ->
                new EngineException(
                        Kind.INVALID_ARGUMENT, "the driver refused the device's queues, depth or features (EINVAL)");
            default -> new EngineException(Kind.INTERNAL, "ADD_DEV failed with " + Errno.name(errno));
        };
    }

    private static String limit() {
        try {
            return Files.readString(LIMIT).strip();
        } catch (IOException unreadable) {
            return "unknown";
        }
    }
}
