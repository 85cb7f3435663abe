package io.ublkcsi.engine.uring;

import io.ublkcsi.engine.sys.Errno;

/**
 * What the kernel refuses when it reads a submission, before anything of its chain runs (the {@code prep} functions).
 */
final class SubmissionChecks {
    private static final int KNOWN_FLAGS = 0x7f;
    private static final int DRAIN = 1 << 1;

    private SubmissionChecks() {}

    /** 0, or {@code -errno}. */
    static int check(SimulatedEntries entries, int entry) {
        if ((entries.flags[entry] & (~KNOWN_FLAGS | DRAIN)) != 0) {
            return -Errno.EINVAL;
        }
        boolean selects = (entries.flags[entry] & Sqe.BUFFER_SELECT) != 0;
        if (entries.opcode[entry] == Sqe.URING_CMD) {
            return valid(selects == (entries.opFlags[entry] == Sqe.URING_CMD_MULTISHOT));
        }
        return selects ? -Errno.EINVAL : checkOther(entries, entry);
    }

    private static int checkOther(SimulatedEntries entries, int entry) {
        return switch (entries.opcode[entry]) {
            case Sqe.NOP -> 0;
            // sqe->attr_type_mask, which older kernels do not look at, would be in the second word.
            case Sqe.READ, Sqe.WRITE, Sqe.READV, Sqe.WRITEV, Sqe.READ_FIXED, Sqe.WRITE_FIXED ->
                valid(entries.word1[entry] == 0);
            case Sqe.FSYNC ->
                valid(entries.address[entry] == 0
                        && entries.buffer[entry] == 0
                        && entries.spliceFile[entry] == 0
                        && (entries.opFlags[entry] & ~Sqe.FSYNC_DATASYNC) == 0);
            case Sqe.FALLOCATE ->
                valid(entries.buffer[entry] == 0 && entries.opFlags[entry] == 0 && entries.spliceFile[entry] == 0);
            case Sqe.POLL_ADD ->
                valid(entries.buffer[entry] == 0
                        && entries.offset[entry] == 0
                        && entries.address[entry] == 0
                        && (entries.length[entry] & ~Sqe.POLL_ADD_MULTI) == 0);
            case Sqe.TIMEOUT ->
                valid(entries.buffer[entry] == 0
                        && entries.length[entry] == 1
                        && entries.spliceFile[entry] == 0
                        && entries.offset[entry] == 0);
            default -> -Errno.EINVAL;
        };
    }

    private static int valid(boolean holds) {
        return holds ? 0 : -Errno.EINVAL;
    }
}
