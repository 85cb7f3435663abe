package io.ublkcsi.engine.frontend.tcmu;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.backend.memory.MemoryBackend;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BackendAround;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands and their answers, byte by byte as SPC-4 and SBC-3 have them. */
class ScsiCommandTest {
    private static final long MIB = 1L << 20;
    private static final int MAX_IO_BYTES = 1 << 19;

    /** A disk of 64 MiB in blocks of 512 bytes; physical ones of 4096. */
    private static final BlockLimits DISK =
            new BlockLimits(64 * MIB, 512, 4096, 1 << 16, 512, 0, false, true, true, true, false, false);

    private ScsiCommand command = of(DISK);

    /** A volume that says of itself what a test wants. */
    private static final class Described extends BackendAround {
        private final BlockLimits limits;

        Described(BlockLimits limits) {
            super(new MemoryBackend(Memory.PAGE_BYTES, 512));
            this.limits = limits;
        }

        @Override
        public BlockLimits limits() {
            return limits;
        }

        @Override
        public io.ublkcsi.engine.block.BackendQueue openQueue(io.ublkcsi.engine.block.QueueContext context) {
            return volume.openQueue(context);
        }
    }

    private static ScsiCommand of(BlockLimits limits) {
        Backend backend = new Described(limits);
        return new ScsiCommand(new LogicalUnit(backend, UnitIdentity.of("local/data"), MAX_IO_BYTES));
    }

    private static BlockLimits limits(boolean readOnly, boolean cache, boolean discard, boolean zeroes) {
        return new BlockLimits(64 * MIB, 512, 4096, 0, 512, 0, readOnly, cache, discard, zeroes, true, false);
    }

    private void send(String hex) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length, 8);
        MemorySegment.copy(bytes, 0, memory, Memory.BYTE, 0, bytes.length);
        Cdb cdb = new Cdb();
        cdb.read(memory, 0, bytes.length);
        command.decode(cdb);
    }

    private String answerTo(String hex) {
        send(hex);
        assertThat(command.kind()).as("sense %06x", command.sense()).isEqualTo(ScsiCommand.ANSWERED);
        byte[] bytes = command.answer().asSlice(0, command.answerBytes()).toArray(Memory.BYTE);
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    private void refuses(String hex, int sense) {
        send(hex);
        assertThat(command.kind()).as(hex).isEqualTo(ScsiCommand.REFUSED);
        assertThat(Integer.toHexString(command.sense())).as(hex).isEqualTo(Integer.toHexString(sense));
    }

    @Test
    void standardInquiry() {
        assertThat(answerTo("12 00 00 00 ff 00"))
                .isEqualTo("00 00 06 02 45 00 00 02 55 42 4c 4b 2d 43 53 49"
                        + " 6c 6f 63 61 6c 2f 64 61 74 61 20 20 20 20 20 20 31 20 20 20"
                        + " 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
                        + " 00 a0 04 60 04 c0 00 00 00 00 00 00 00 00 00 00");
    }

    @Test
    void answersAreCutToTheirAllocationLength() {
        assertThat(answerTo("12 00 00 00 05 00")).isEqualTo("00 00 06 02 45");
        assertThat(answerTo("12 00 00 00 00 00")).isEmpty();
    }

    @Test
    void vitalProductData() {
        String hash = UnitIdentity.of("local/data").hash();
        String serial = HexFormat.ofDelimiter(" ").formatHex(hash.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        String name = "6001405" + hash.substring(0, 25);
        String spaced = HexFormat.ofDelimiter(" ").formatHex(HexFormat.of().parseHex(name));
        assertThat(answerTo("12 01 00 00 ff 00")).isEqualTo("00 00 00 06 00 80 83 b0 b1 b2");
        assertThat(answerTo("12 01 80 00 ff 00")).isEqualTo("00 80 00 20 " + serial);
        assertThat(answerTo("12 01 83 00 ff 00"))
                .isEqualTo("00 83 00 40 01 03 00 10 " + spaced + " 02 01 00 28 55 42 4c 4b 2d 43 53 49 " + serial);
        assertThat(answerTo("12 01 b0 00 ff 00"))
                .isEqualTo("00 b0 00 3c 01 00 00 08 00 00 04 00 00 00 00 80 00 00 00 00 00 10 00 00 00 00 00 20"
                        + " 00 00 00 08 80 00 00 00 00 00 00 00 00 10 00 00" + " 00".repeat(20));
        assertThat(answerTo("12 01 b1 00 ff 00")).isEqualTo("00 b1 00 3c 00 01" + " 00".repeat(58));
        assertThat(answerTo("12 01 b2 00 ff 00")).isEqualTo("00 b2 00 04 00 e4 02 00");
        refuses("12 01 b3 00 ff 00", Sense.INVALID_FIELD_IN_CDB);
        refuses("12 00 80 00 ff 00", Sense.INVALID_FIELD_IN_CDB);
        refuses("12 02 00 00 ff 00", Sense.INVALID_FIELD_IN_CDB);
    }

    @Test
    void aRotatingDiskWithoutDiscard() {
        command = of(limits(false, false, false, false));
        assertThat(answerTo("12 01 b1 00 06 00")).isEqualTo("00 b1 00 3c 00 00");
        assertThat(answerTo("12 01 b2 00 ff 00")).isEqualTo("00 b2 00 04 00 00 00 00");
        assertThat(answerTo("12 01 b0 00 ff 00")).endsWith("00 00 04 00" + " 00".repeat(52));
        assertThat(answerTo("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00"))
                .isEqualTo("00 00 00 00 00 01 ff ff 00 00 02 00 00 03 00 00" + " 00".repeat(16));
        refuses("42 00 00 00 00 00 00 00 18 00", Sense.INVALID_OPERATION_CODE);
        refuses("93 00 00 00 00 00 00 00 00 00 00 00 00 08 00 00", Sense.INVALID_OPERATION_CODE);
    }

    @Test
    void capacity() {
        assertThat(answerTo("25 00 00 00 00 00 00 00 00 00")).isEqualTo("00 01 ff ff 00 00 02 00");
        assertThat(answerTo("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00"))
                .isEqualTo("00 00 00 00 00 01 ff ff 00 00 02 00 00 03 c0 00" + " 00".repeat(16));
        command = of(DISK.withSize(4L << 40));
        assertThat(answerTo("25 00 00 00 00 00 00 00 00 00")).isEqualTo("ff ff ff ff 00 00 02 00");
        assertThat(answerTo("9e 10 00 00 00 00 00 00 00 00 00 00 00 0c 00 00"))
                .isEqualTo("00 00 00 01 ff ff ff ff 00 00 02 00");
        refuses("9e 12 00 00 00 00 00 00 00 00 00 00 00 20 00 00", Sense.INVALID_OPERATION_CODE);
    }

    @Test
    void modePages() {
        String caching = "08 12 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
        String control = "0a 0a 00 10 00 00 00 00 ff ff 00 00";
        String descriptor = "00 02 00 00 00 00 02 00";
        assertThat(answerTo("1a 08 08 00 ff 00")).isEqualTo("17 00 10 00 " + caching);
        assertThat(answerTo("1a 00 0a 00 ff 00")).isEqualTo("17 00 10 08 " + descriptor + " " + control);
        assertThat(answerTo("1a 08 3f 00 ff 00")).isEqualTo("23 00 10 00 " + caching + " " + control);
        assertThat(answerTo("5a 08 3f ff 00 00 00 00 ff 00"))
                .isEqualTo("00 26 00 10 00 00 00 00 " + caching + " " + control);
        assertThat(answerTo("5a 10 0a 00 00 00 00 00 ff 00"))
                .isEqualTo("00 22 00 10 01 00 00 10 00 00 00 00 00 02 00 00 00 00 00 00 00 00 02 00 " + control);
        assertThat(answerTo("1a 08 48 00 ff 00")).isEqualTo("17 00 10 00 08 12" + " 00".repeat(18));
        assertThat(answerTo("1a 08 88 00 ff 00")).isEqualTo("17 00 10 00 " + caching);
        refuses("1a 08 c8 00 ff 00", Sense.SAVING_PARAMETERS_NOT_SUPPORTED);
        refuses("1a 08 1c 00 ff 00", Sense.INVALID_FIELD_IN_CDB);
        refuses("1a 08 08 01 ff 00", Sense.INVALID_FIELD_IN_CDB);
    }

    @Test
    void aReadOnlyDisk() {
        command = of(limits(true, false, true, true));
        assertThat(answerTo("1a 08 08 00 ff 00")).startsWith("17 00 90 00 08 12 00");
        refuses("2a 00 00 00 00 00 00 00 01 00", Sense.WRITE_PROTECTED);
        refuses("42 00 00 00 00 00 00 00 18 00", Sense.WRITE_PROTECTED);
        refuses("41 00 00 00 00 00 00 00 01 00", Sense.WRITE_PROTECTED);
        send("28 00 00 00 00 00 00 00 01 00");
        assertThat(command.kind()).isEqualTo(ScsiCommand.READ);
    }

    @ParameterizedTest
    @CsvSource({
        "08 01 02 03 04 00, 66051, 4, false, 2",
        "08 00 00 00 00 00, 0, 256, false, 2",
        "0a 00 00 10 01 00, 16, 1, false, 3",
        "28 00 00 01 02 03 00 00 08 00, 66051, 8, false, 2",
        "28 08 00 01 02 03 00 00 08 00, 66051, 8, true, 2",
        "2a 18 00 01 02 03 00 01 00 00, 66051, 256, true, 3",
        "a8 00 00 01 02 03 00 00 00 08 00 00, 66051, 8, false, 2",
        "aa 08 00 01 02 03 00 00 00 08 00 00, 66051, 8, true, 3",
        "88 00 00 00 00 00 00 01 02 03 00 00 00 08 00 00, 66051, 8, false, 2",
        "8a 08 00 00 00 00 00 01 02 03 00 00 04 00 00 00, 66051, 1024, true, 3",
    })
    void transfers(String cdb, long lba, long blocks, boolean durable, int kind) {
        send(cdb);
        assertThat(command.kind()).isEqualTo(kind);
        assertThat(command.lba()).isEqualTo(lba);
        assertThat(command.blocks()).isEqualTo(blocks);
        assertThat(command.isDurable()).isEqualTo(durable);
    }

    @Test
    void transfersThatAreRefused() {
        refuses("28 00 00 02 00 00 00 00 01 00", Sense.LBA_OUT_OF_RANGE);
        assertThat(command.senseLba()).isEqualTo(0x20000);
        refuses("28 00 00 01 ff ff 00 00 02 00", Sense.LBA_OUT_OF_RANGE);
        refuses("88 00 ff ff ff ff ff ff ff ff 00 00 00 01 00 00", Sense.LBA_OUT_OF_RANGE);
        refuses("28 20 00 00 00 00 00 00 01 00", Sense.INVALID_FIELD_IN_CDB); // RDPROTECT
        refuses("88 00 00 00 00 00 00 00 00 00 00 00 04 01 00 00", Sense.INVALID_FIELD_IN_CDB); // too long
        refuses("28 00 00 00 00 00 00 00 01 04", Sense.INVALID_FIELD_IN_CDB); // NACA
        assertThat(answerTo("28 00 00 00 00 00 00 00 00 00")).isEmpty();
    }

    @Test
    void whatIsNotOffered() {
        for (String cdb : new String[] {
            "89 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00", // COMPARE AND WRITE
            "1b 00 00 00 01 00", // START STOP UNIT
            "2f 00 00 00 00 00 00 00 01 00", // VERIFY(10)
            "53 00 00 00 00 00 00 00 01 00", // XDWRITEREAD(10), which has data both ways
            "7f 00 00 00 00 00 00 18 00 09 00 00 00 00 00 00", // variable length
            "c0 00 00 00 00 00", // of a vendor
            "a3 0a 00 00 00 00 00 00 00 ff 00 00", // REPORT TARGET PORT GROUPS
        }) {
            refuses(cdb, Sense.INVALID_OPERATION_CODE);
        }
    }

    @Test
    void aTornCommand() {
        refuses("28 00 00 00 00 00", Sense.INVALID_OPERATION_CODE);
    }

    @Test
    void cacheAndZeroing() {
        send("35 00 00 00 00 00 00 00 00 00");
        assertThat(command.kind()).isEqualTo(ScsiCommand.FLUSH);
        send("91 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
        assertThat(command.kind()).isEqualTo(ScsiCommand.FLUSH);
        refuses("35 00 00 02 00 01 00 00 01 00", Sense.LBA_OUT_OF_RANGE);
        send("93 09 00 00 00 00 00 00 00 10 00 00 08 00 00 00");
        assertThat(command.kind()).isEqualTo(ScsiCommand.WRITE_SAME);
        assertThat(command.unmaps()).isTrue();
        assertThat(command.isWithoutData()).isTrue();
        send("41 00 00 00 00 10 00 08 00 00");
        assertThat(command.unmaps()).isFalse();
        assertThat(command.isWithoutData()).isFalse();
        refuses("41 00 00 00 00 00 00 00 00 00", Sense.INVALID_FIELD_IN_CDB);
        refuses("41 10 00 00 00 00 00 00 01 00", Sense.INVALID_FIELD_IN_CDB); // ANCHOR
        send("42 00 00 00 00 00 00 00 18 00");
        assertThat(command.kind()).isEqualTo(ScsiCommand.UNMAP);
        assertThat(command.listBytes()).isEqualTo(24);
        assertThat(answerTo("42 00 00 00 00 00 00 00 00 00")).isEmpty();
        refuses("42 01 00 00 00 00 00 00 18 00", Sense.INVALID_FIELD_IN_CDB);
    }

    @Test
    void reportSupportedOperationCodes() {
        assertThat(answerTo("a3 0c 01 28 00 00 00 00 02 00 00 00"))
                .isEqualTo("00 03 00 0a 28 18 ff ff ff ff 00 ff ff 04");
        assertThat(answerTo("a3 0c 81 00 00 00 00 00 02 00 00 00"))
                .isEqualTo("00 83 00 06 00 00 00 00 00 04 00 0a" + " 00".repeat(10));
        assertThat(answerTo("a3 0c 01 89 00 00 00 00 02 00 00 00")).isEqualTo("00 01 00 00");
        assertThat(answerTo("a3 0c 02 9e 00 10 00 00 02 00 00 00")).startsWith("00 03 00 10 9e 1f");
        assertThat(answerTo("a3 0c 03 9e 00 12 00 00 02 00 00 00")).isEqualTo("00 01 00 00");
        refuses("a3 0c 01 9e 00 10 00 00 02 00 00 00", Sense.INVALID_FIELD_IN_CDB);
        refuses("a3 0c 02 28 00 00 00 00 02 00 00 00", Sense.INVALID_FIELD_IN_CDB);
        assertThat(answerTo("a3 0c 00 00 00 00 00 00 ff ff 00 00"))
                .startsWith("00 00 00 a0 00 00 00 00 00 00 00 06 08 00 00 00 00 00 00 06");
    }

    @Test
    void everyCommandThatIsReportedIsTaken() {
        byte[] all = HexFormat.ofDelimiter(" ").parseHex(answerTo("a3 0c 00 00 00 00 00 00 ff ff 00 00"));
        for (int at = 4; at < all.length; at += 8) {
            String opcode = "%02x".formatted(all[at]);
            String action = " %02x".formatted(all[at + 3]);
            send(opcode + action + " 00".repeat(all[at + 7] - 2));
            boolean unknown = command.kind() == ScsiCommand.REFUSED && command.sense() == Sense.INVALID_OPERATION_CODE;
            assertThat(unknown).as(opcode).isFalse();
        }
    }
}
