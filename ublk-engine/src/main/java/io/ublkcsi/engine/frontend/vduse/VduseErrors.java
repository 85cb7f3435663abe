package io.ublkcsi.engine.frontend.vduse;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;

/** What the kernel's refusals mean, with the way out. */
final class VduseErrors {
    private VduseErrors() {}

    static void check(int result, String what) {
        if (result < 0) {
            throw of(result, what);
        }
    }

    static EngineException of(int result, String what) {
        return switch (-result) {
            case Errno.EPERM ->
                new EngineException(
                        Kind.FAILED_PRECONDITION,
                        what
                                + " failed with EPERM: the kernel has marked the device as broken, because a message"
                                + " of the driver was not answered within msg_timeout. Detach the volume by force,"
                                + " then attach it again");
            case Errno.EACCES ->
                new EngineException(
                        Kind.PERMISSION_DENIED, what + " failed with EACCES: the engine has to run as root");
            case Errno.EBUSY ->
                new EngineException(
                        Kind.FAILED_PRECONDITION,
                        what + " failed with EBUSY: another process serves the device, or a"
                                + " driver is bound to it");
            default -> new EngineException(Kind.INTERNAL, what + " failed with " + Errno.name(result));
        };
    }
}
