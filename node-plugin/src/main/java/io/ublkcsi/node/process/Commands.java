package io.ublkcsi.node.process;

import io.ublkcsi.common.time.Deadline;
import java.util.List;

/** Runs programs of the system. The seam at which tests take mkfs, mount and fsck away. */
public interface Commands {
    /**
     * Runs a command to its end.
     *
     * @param volume whose business it is; a stuck command keeps others off the same volume
     * @param command program and arguments, no shell
     * @throws io.ublkcsi.common.fault.CsiFault.Timeout when it did not end by the deadline
     */
    Result run(String volume, List<String> command, Deadline deadline);

    /**
     * How a command ended.
     *
     * @param output of both streams, the first 64 KiB
     */
    record Result(int exitCode, String output) {
        public boolean ok() {
            return exitCode == 0;
        }
    }
}
