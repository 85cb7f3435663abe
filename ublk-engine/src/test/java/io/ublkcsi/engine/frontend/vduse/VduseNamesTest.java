package io.ublkcsi.engine.frontend.vduse;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.frontend.DeviceToken;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What devices and disks are called. */
class VduseNamesTest {
    @Test
    void aDevicesNameTellsItsTokenAndItsVolume() {
        DeviceToken token = DeviceToken.of(0x123456, 0x789abc);
        String name = VduseNames.device(token, "local/pvc-1_a.b");
        assertThat(name).isEqualTo("ublk-csi:" + token + ":local:pvc-1_a.b");
        assertThat(VduseNames.token(name)).isEqualTo(token);
        assertThat(VduseNames.volume(name)).isEqualTo("local/pvc-1_a.b");
    }

    @Test
    void devicesOfOthersAreNotOurs() {
        assertThat(VduseNames.token("vduse0")).isNull();
        assertThat(VduseNames.token("ublk-csi:0000000000000001:local:demo")).isNull();
        assertThat(VduseNames.token("ublk-csi:local:demo")).isNull();
    }

    @Test
    void noTwoVolumesShareASerialNumber() {
        assertThat(serial("local/demo")).matches("demo-[0-9a-f]{8}").isNotEqualTo(serial("other/demo"));
        String first = serial("local/pvc-11111111-2222-3333-4444-555555555555");
        String second = serial("local/pvc-11111111-2222-3333-4444-555555555556");
        assertThat(first).hasSize(20).startsWith("pvc-1111111-").isNotEqualTo(second);
        assertThat(serial("other/pvc-11111111-2222-3333-4444-555555555555")).isNotEqualTo(first);
    }

    private static String serial(String volume) {
        return new String(VduseNames.serial(volume), StandardCharsets.US_ASCII).replace("\0", "");
    }
}
