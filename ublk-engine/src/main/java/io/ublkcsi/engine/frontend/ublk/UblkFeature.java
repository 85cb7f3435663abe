package io.ublkcsi.engine.frontend.ublk;

import io.ublkcsi.engine.frontend.DataPath;
import java.util.EnumSet;
import java.util.Set;

/** {@code UBLK_F_*} (include/uapi/linux/ublk_cmd.h), with the kernel that first had it. */
public enum UblkFeature {
    SUPPORT_ZERO_COPY(0, "6.15"),
    URING_CMD_COMP_IN_TASK(1, "6.0"),
    NEED_GET_DATA(2, "6.0"),
    USER_RECOVERY(3, "6.1"),
    USER_RECOVERY_REISSUE(4, "6.1"),
    UNPRIVILEGED_DEV(5, "6.3"),
    CMD_IOCTL_ENCODE(6, "6.4"),
    USER_COPY(7, "6.5"),
    ZONED(8, "6.6"),
    USER_RECOVERY_FAIL_IO(9, "6.13"),
    UPDATE_SIZE(10, "6.16"),
    AUTO_BUF_REG(11, "6.16"),
    QUIESCE(12, "6.16"),
    PER_IO_DAEMON(13, "6.17"),
    BUF_REG_OFF_DAEMON(14, "6.17"),
    BATCH_IO(15, "7.0"),
    INTEGRITY(16, "7.0"),
    SAFE_STOP_DEV(17, "7.0"),
    NO_AUTO_PART_SCAN(18, "7.0"),
    SHMEM_ZC(19, "7.1");

    private final long bit;
    private final String since;

    UblkFeature(int shift, String since) {
        this.bit = 1L << shift;
        this.since = since;
    }

    public long bit() {
        return bit;
    }

    /** The first kernel that has it, such as {@code 6.16}. */
    public String since() {
        return since;
    }

    /** The known features in a mask of the kernel's. */
    public static Set<UblkFeature> of(long mask) {
        EnumSet<UblkFeature> found = EnumSet.noneOf(UblkFeature.class);
        for (UblkFeature feature : values()) {
            if ((mask & feature.bit) != 0) {
                found.add(feature);
            }
        }
        return found;
    }

    /** What the kernel must grant for a data path. */
    public static Set<UblkFeature> neededBy(DataPath path) {
        return switch (path) {
            case PLAIN_COPY -> EnumSet.noneOf(UblkFeature.class);
            case USER_COPY -> EnumSet.of(USER_COPY);
            case ZERO_COPY_MANUAL -> EnumSet.of(SUPPORT_ZERO_COPY);
            case ZERO_COPY_AUTO -> EnumSet.of(SUPPORT_ZERO_COPY, AUTO_BUF_REG);
            case ZERO_COPY_BATCH -> EnumSet.of(SUPPORT_ZERO_COPY, AUTO_BUF_REG, BATCH_IO);
        };
    }

    public static long mask(Set<UblkFeature> features) {
        return features.stream().mapToLong(UblkFeature::bit).reduce(0, (a, b) -> a | b);
    }
}
