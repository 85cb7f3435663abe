package io.ublkcsi.engine.frontend.tcmu;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.sys.Errno;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Sense data on the wire, and what a backend's errors become. */
class SenseTest {
    private final MemorySegment out = Arena.ofAuto().allocate(RingEntry.SENSE_BUFFERSIZE, 8);

    private String written(int sense, long lba, boolean descriptors) {
        out.fill((byte) 0x55);
        int bytes = Sense.write(out, sense, lba, descriptors);
        return HexFormat.ofDelimiter(" ").formatHex(out.asSlice(0, bytes).toArray(Memory.BYTE));
    }

    @Test
    void fixedFormat() {
        assertThat(written(Sense.INVALID_OPERATION_CODE, -1, false))
                .isEqualTo("70 00 05 00 00 00 00 0a 00 00 00 00 20 00 00 00 00 00");
        assertThat(written(Sense.UNRECOVERED_READ_ERROR, 0x01020304, false))
                .isEqualTo("f0 00 03 01 02 03 04 0a 00 00 00 00 11 00 00 00 00 00");
        assertThat(written(Sense.WRITE_ERROR, 1L << 32, false))
                .isEqualTo("70 00 03 00 00 00 00 0a 00 00 00 00 0c 00 00 00 00 00");
    }

    @Test
    void descriptorFormat() {
        assertThat(written(Sense.LBA_OUT_OF_RANGE, -1, true)).isEqualTo("72 05 21 00 00 00 00 00");
        assertThat(written(Sense.WRITE_ERROR, 0x0102030405L, true))
                .isEqualTo("72 03 0c 00 00 00 00 0c 00 0a 80 00 00 00 00 01 02 03 04 05");
    }

    @Test
    void errnoBecomesSense() {
        assertThat(StatusMapping.sense(Errno.EIO, true)).isEqualTo(0x031100);
        assertThat(StatusMapping.sense(Errno.EIO, false)).isEqualTo(0x030c00);
        assertThat(StatusMapping.sense(Errno.ENOSPC, false)).isEqualTo(0x072707);
        assertThat(StatusMapping.sense(Errno.EROFS, false)).isEqualTo(0x072700);
        assertThat(StatusMapping.sense(Errno.ECANCELED, false)).isEqualTo(0x0b0000);
        assertThat(StatusMapping.sense(Errno.ENODEV, false)).isEqualTo(0x044400);
        assertThat(StatusMapping.sense(Errno.ENOMEM, true)).isEqualTo(Sense.NONE);
    }
}
