package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Memory reclaim may be waiting for the engine's I/O: its own memory is not reclaimed. */
class MemoryIT {
    private static final String STATUS = "/proc/" + Guest.enginePid() + "/status";
    private static final String SMAPS = "/proc/" + Guest.enginePid() + "/smaps";

    @Test
    void isLocked() {
        assertThat(Shell.run("grep VmLck " + STATUS)).doesNotMatch("VmLck:\\s+0 kB");
        String notLocked = Shell.run("awk '/^Rss:/ {present = $2} /^VmFlags:/ && !/ lo/ {sum += present}"
                + " END {print sum + 0}' " + SMAPS);
        assertThat(Long.parseLong(notLocked))
                .as("KiB present and not locked: the rings' at the most")
                .isLessThan(8 << 10);
    }

    @Test
    void hasItsProgramTextThere() {
        String missing =
                Shell.run("awk '/^[0-9a-f]+-/ {text = $2 ~ /^r-x/ && $6 ~ /libjvm/} text && /^Size:/ {size = $2}"
                        + " text && /^Rss:/ {print size - $2}' " + SMAPS);
        assertThat(missing).isEqualTo("0");
    }
}
