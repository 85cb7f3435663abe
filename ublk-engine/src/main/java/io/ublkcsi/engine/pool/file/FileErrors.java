package io.ublkcsi.engine.pool.file;

import io.ublkcsi.engine.block.EngineException;
import io.ublkcsi.engine.block.EngineException.Kind;
import io.ublkcsi.engine.sys.Errno;

/** Turns what the pool's file system refuses into a sentence with the cure. */
final class FileErrors {
    private FileErrors() {}

    /**
     * @param what such as {@code writing the record of volume pvc-1}
     * @param errno with either sign
     */
    static EngineException failed(String what, long errno) {
        return switch ((int) Math.abs(errno)) {
            case Errno.ENOSPC, Errno.EDQUOT ->
                new EngineException(
                        Kind.RESOURCE_EXHAUSTED,
                        what + " failed: the pool's file system is full (" + Errno.name(errno)
                                + "): delete volumes or snapshots, or give the pool a larger disk");
            case Errno.EROFS ->
                new EngineException(
                        Kind.FAILED_PRECONDITION,
                        what
                                + " failed: the pool's file system is read-only: see the kernel log why, repair it and"
                                + " mount it anew");
            case Errno.EACCES, Errno.EPERM ->
                new EngineException(
                        Kind.PERMISSION_DENIED,
                        what + " failed with " + Errno.name(errno)
                                + ": run the engine as the owner of the pool's folder");
            case Errno.EMFILE, Errno.ENFILE ->
                new EngineException(
                        Kind.RESOURCE_EXHAUSTED,
                        what + " failed: too many open files: raise the engine's limit (ulimit -n)");
            default ->
                new EngineException(
                        Kind.INTERNAL,
                        what + " failed with " + Errno.name(errno) + ": see the kernel log for the disk's errors");
        };
    }

    static void check(String what, long result) {
        if (result < 0) {
            throw failed(what, result);
        }
    }
}
