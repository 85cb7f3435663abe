package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.ForeignDevice;
import io.ublkcsi.proto.engine.v1.ListDevicesRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Another program's ublk device is seen, named, and never touched. */
class ForeignDeviceIT {
    private static final String KUBLK = Guest.environment("E2E_KUBLK");

    @Test
    void isListedAndLeftAlone() {
        Shell.run(KUBLK + " add -t null -n 900 -q 1 -d 32");
        try {
            List<ForeignDevice> foreign = Guest.engine()
                    .listDevices(ListDevicesRequest.getDefaultInstance())
                    .getForeignList();
            assertThat(foreign).extracting(ForeignDevice::getDeviceId).containsExactly(900);
            assertThat(foreign.getFirst().getOwner()).startsWith("process ");
            for (int i = 0; i < 3; i++) {
                TestVolume.attached("neighbour", 16 * Guest.MIB).close();
            }
            Shell.run("dd if=/dev/ublkb900 of=/dev/null bs=4k count=8 iflag=direct status=none");
        } finally {
            Shell.run(KUBLK + " del -n 900");
        }
    }
}
