package io.ublkcsi.engine.frontend.tcmu;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.SeededRandom;
import io.ublkcsi.engine.frontend.DeviceChange;
import io.ublkcsi.engine.frontend.DeviceChange.Kind;
import io.ublkcsi.engine.frontend.DeviceToken;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Messages as genetlink and target_core_user write them, put together here by their headers. */
class TargetMessageTest {
    private static final int FAMILY = 31;
    private static final DeviceToken TOKEN = DeviceToken.of(7, 9);
    private static final String OURS = "tcm-user/21826/v00/ublk-csi/local/demo/" + TOKEN;

    private final MemorySegment memory = Arena.ofAuto().allocate(4096, 8);
    private int length;

    private MemorySegment message(int type, int command) {
        memory.fill((byte) 0);
        memory.set(Memory.SHORT, NetlinkHeader.NLMSG_TYPE, (short) type);
        memory.set(Memory.BYTE, NetlinkHeader.LENGTH + GenericHeader.CMD, (byte) command);
        length = NetlinkHeader.LENGTH + GenericHeader.LENGTH;
        return memory;
    }

    private void attribute(int type, byte... value) {
        memory.set(Memory.SHORT, length + NetlinkAttribute.NLA_LEN, (short) (NetlinkAttribute.LENGTH + value.length));
        memory.set(Memory.SHORT, length + NetlinkAttribute.NLA_TYPE, (short) type);
        MemorySegment.copy(value, 0, memory, Memory.BYTE, length + NetlinkAttribute.LENGTH, value.length);
        length += (int) Memory.roundUp(NetlinkAttribute.LENGTH + value.length, NetlinkAttribute.NLA_ALIGNTO);
    }

    private void text(int type, String value) {
        attribute(type, (value + '\0').getBytes(StandardCharsets.US_ASCII));
    }

    private DeviceChange change() {
        return Objects.requireNonNull(TargetMessage.readChange(memory.asSlice(0, length), FAMILY));
    }

    private void device(int command, String name) {
        message(FAMILY, command);
        text(TargetNews.ATTR_DEVICE, name);
        attribute(TargetNews.ATTR_MINOR, (byte) 3, (byte) 0, (byte) 0, (byte) 0);
    }

    @Test
    void whatIsDoneToOursNamesItsToken() {
        device(TargetNews.CMD_REMOVED_DEVICE, OURS);
        DeviceChange change = change();
        assertThat(change.token()).isEqualTo(TOKEN);
        assertThat(change.kind()).isEqualTo(Kind.REMOVED);
        assertThat(change.device()).isEqualTo("/dev/uio3 (" + OURS + ")");

        device(TargetNews.CMD_RECONFIG_DEVICE, OURS);
        attribute(TargetNews.ATTR_DEV_SIZE, (byte) 0, (byte) 2, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte)
                0);
        assertThat(change().what()).contains("dev_size=512");

        device(TargetNews.CMD_RECONFIG_DEVICE, OURS);
        text(TargetNews.ATTR_DEV_CFG, "other/thing");
        assertThat(change().what()).contains("dev_config=other/thing", "put back");

        device(TargetNews.CMD_RECONFIG_DEVICE, OURS);
        attribute(TargetNews.ATTR_WRITECACHE, (byte) 1);
        assertThat(change().what()).contains("emulate_write_cache=1");
    }

    @Test
    void othersDevicesHaveNoTokenOfOurs() {
        for (String name : new String[] {
            "tcm-user/1/disk/qcow//var/x", OURS.replace("ublk-csi", "rbd"), OURS.substring(0, OURS.length() - 1), ""
        }) {
            device(TargetNews.CMD_ADDED_DEVICE, name);
            assertThat(change().token()).as(name).isNull();
        }
    }

    @Test
    void theFamilyIsFoundByItsAnswer() {
        int bytes = TargetMessage.writeFamilyRequest(memory, "TCM-USER");
        assertThat(bytes).isEqualTo(36);
        assertThat(memory.get(Memory.INT, NetlinkHeader.NLMSG_LEN)).isEqualTo(36);

        message(GenericHeader.GENL_ID_CTRL, 1);
        text(GenericHeader.CTRL_ATTR_FAMILY_NAME, "TCM-USER");
        attribute(GenericHeader.CTRL_ATTR_FAMILY_ID, (byte) FAMILY, (byte) 0);
        // One group, nested: its number, then its name.
        byte[] group = {
            24,
            0,
            1,
            0,
            8,
            0,
            GenericHeader.CTRL_ATTR_MCAST_GRP_ID,
            0,
            5,
            0,
            0,
            0, //
            11,
            0,
            GenericHeader.CTRL_ATTR_MCAST_GRP_NAME,
            0,
            'c',
            'o',
            'n',
            'f',
            'i',
            'g',
            0,
            0
        };
        attribute(GenericHeader.CTRL_ATTR_MCAST_GROUPS, group);
        MemorySegment answer = memory.asSlice(0, length);
        assertThat(TargetMessage.readFamily(answer, "config")).isEqualTo(new TargetMessage.Family(FAMILY, 5));
        assertThat(TargetMessage.readFamily(answer, "others")).isNull();
        assertThat(TargetMessage.readFamily(message(NetlinkHeader.NLMSG_ERROR, 0), "config"))
                .isNull();
    }

    @Test
    void brokenMessagesAreReadNoFurtherThanTheyAre() {
        SeededRandom random = new SeededRandom(SeededRandom.freshSeed());
        for (int i = 0; i < 200_000; i++) {
            device(1 + random.below(4), OURS);
            for (int broken = random.below(6); broken >= 0; broken--) {
                memory.set(Memory.BYTE, NetlinkHeader.LENGTH + random.below(length), (byte) random.below(256));
            }
            memory.set(Memory.SHORT, NetlinkHeader.NLMSG_TYPE, (short) (random.chance(10) ? 16 : FAMILY));
            MemorySegment cut = memory.asSlice(0, random.below(length + 8));
            TargetMessage.readChange(cut, FAMILY);
            TargetMessage.readFamily(cut, "config");
        }
    }
}
