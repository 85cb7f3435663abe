package io.ublkcsi.engine.frontend.tcmu;

import io.ublkcsi.engine.sys.Errno;

/** How a backend's errno reads in SCSI. Linux turns the sense data back into an errno of its own (drivers/scsi). */
final class StatusMapping {
    /** SCSI status codes (SAM-5, 5.3.1). */
    static final int GOOD = 0;

    static final int CHECK_CONDITION = 2;
    static final int BUSY = 8;

    private StatusMapping() {}

    /**
     * The sense data for a failed request, or {@link Sense#NONE} where the initiator is to try again later (BUSY).
     *
     * @param errno positive
     */
    static int sense(int errno, boolean read) {
        return switch (errno) {
            case Errno.EIO, Errno.ENODATA -> read ? Sense.UNRECOVERED_READ_ERROR : Sense.WRITE_ERROR;
            case Errno.ENOSPC, Errno.EDQUOT, Errno.EFBIG -> Sense.SPACE_ALLOCATION_FAILED;
            case Errno.EROFS, Errno.EACCES, Errno.EPERM -> Sense.WRITE_PROTECTED;
            case Errno.EOPNOTSUPP -> Sense.INVALID_FIELD_IN_CDB;
            case Errno.ECANCELED, Errno.ETIMEDOUT, Errno.ETIME -> Sense.COMMAND_ABORTED;
            case Errno.ENOMEM, Errno.EAGAIN, Errno.EINTR, Errno.EBUSY -> Sense.NONE;
            default -> Sense.INTERNAL_TARGET_FAILURE;
        };
    }

    /** Whether the block that failed is part of the sense data. */
    static boolean isAboutBlock(int sense) {
        return sense == Sense.UNRECOVERED_READ_ERROR || sense == Sense.WRITE_ERROR;
    }
}
