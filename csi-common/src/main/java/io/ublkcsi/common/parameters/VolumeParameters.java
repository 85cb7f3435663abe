package io.ublkcsi.common.parameters;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a StorageClass asks for, checked; kept in the volume's record.
 *
 * @param pool name of the pool on the node
 * @param filesystem {@code null} when the class leaves it to the capability or the default
 * @param mkfsOptions arguments of their own for mkfs
 * @param mountOptions in addition to the capability's flags
 * @param blockBytes logical block; 0: 512, or what the pool can do if that is more
 * @param queues of the device; 0: the engine's default
 * @param queueDepth tags of each queue; 0: the engine's default
 * @param dataPath how bytes move between kernel and engine
 * @param provisioning thin, or all blocks allocated at the start
 * @param discard whether the volume's user may give blocks back
 * @param recovery what I/O does while no engine serves
 * @param frontend which kernel interface shows the device
 */
public record VolumeParameters(
        String pool,
        @Nullable Filesystem filesystem,
        List<String> mkfsOptions,
        List<String> mountOptions,
        int blockBytes,
        int queues,
        int queueDepth,
        DataPath dataPath,
        Provisioning provisioning,
        boolean discard,
        Recovery recovery,
        Frontend frontend) {

    /** How bytes move; see the engine's documentation. */
    public enum DataPath {
        AUTO,
        PLAIN_COPY,
        USER_COPY,
        ZERO_COPY_MANUAL,
        ZERO_COPY_AUTO
    }

    /** When blocks are allocated. */
    public enum Provisioning {
        THIN,
        PREALLOCATED
    }

    /** What I/O does while no engine serves: wait for the next one, or fail. */
    public enum Recovery {
        WAIT,
        FAIL
    }

    /** The kernel's interface. */
    public enum Frontend {
        AUTO,
        UBLK,
        VDUSE,
        TCMU
    }
}
