package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Errno;
import java.util.Objects;

/** A ring could not be made, or the kernel refused one of its calls. */
public final class RingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    public RingException(String what, int negativeErrno) {
        super(what + " failed with " + Errno.name(negativeErrno) + cure(-negativeErrno));
        this.errno = -negativeErrno;
    }

    /** Positive. */
    public int errno() {
        return errno;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    private static String cure(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES ->
                ": io_uring is forbidden here. Set the sysctl kernel.io_uring_disabled to 0,"
                        + " and let the container's seccomp profile allow io_uring_setup, io_uring_enter and"
                        + " io_uring_register";
            case Errno.ENOSYS -> ": this kernel has no io_uring; it needs CONFIG_IO_URING";
            case Errno.ENOMEM -> ": not enough lockable memory; raise RLIMIT_MEMLOCK or the memory limit";
            case Errno.EMFILE, Errno.ENFILE -> ": too many open files; raise RLIMIT_NOFILE";
            default -> "";
        };
    }
}
