package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many devices at once, and many one after another, with nothing left behind. */
class ScaleIT {
    private static final int DEVICES = 60;
    /** How often a volume is attached and detached; the long form is 500. */
    private static final int CYCLES = Integer.parseInt(Guest.environment("E2E_CYCLES"));

    @Test
    void sixtyDevicesAtOnce() {
        List<Device> devices = new ArrayList<>();
        try {
            for (int i = 0; i < DEVICES; i++) {
                Guest.create(Guest.POOL, "many-" + i, 16 * Guest.MIB);
                devices.add(Guest.attach(Guest.POOL, "many-" + i));
            }
            assertThat(devices.stream().map(Device::getPath).distinct()).hasSize(DEVICES);
            Shell.run("for d in "
                    + String.join(" ", devices.stream().map(Device::getPath).toList())
                    + "; do echo $d | dd of=$d bs=512 count=1 conv=sync oflag=direct status=none"
                    + " && dd if=$d bs=512 count=1 iflag=direct status=none | grep -q ^$d || exit 1; done");
        } finally {
            IntStream.range(0, DEVICES).forEach(i -> {
                Guest.detach(Guest.POOL, "many-" + i);
                Guest.delete(Guest.POOL, "many-" + i);
            });
        }
    }

    @Test
    void cyclesLeaveNothingBehind() {
        Guest.create(Guest.POOL, "cycle", 16 * Guest.MIB);
        cycle(10);
        Footprint before = Footprint.now();
        cycle(CYCLES);
        Footprint after = Footprint.now();
        Guest.delete(Guest.POOL, "cycle");
        assertThat(after.devices()).isEqualTo(before.devices());
        assertThat(after.descriptors()).as("descriptors").isLessThanOrEqualTo(before.descriptors() + 4);
        assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + 4);
        assertThat(after.mappings()).as("mappings").isLessThanOrEqualTo(before.mappings() + 40);
    }

    private static void cycle(int times) {
        for (int i = 0; i < times; i++) {
            Guest.attach(Guest.POOL, "cycle");
            Guest.detach(Guest.POOL, "cycle");
        }
    }

    /** What the engine and the kernel hold, but for the threads of API calls, which come and go. */
    private record Footprint(long devices, long descriptors, long threads, long mappings) {
        static Footprint now() {
            String proc = "/proc/" + Guest.enginePid();
            return new Footprint(
                    count("ls /dev | grep -c ublkc || true"),
                    count("ls " + proc + "/fd | wc -l"),
                    count("cat " + proc + "/task/*/comm | grep -vc ^api-call"),
                    count("wc -l < " + proc + "/maps"));
        }

        private static long count(String line) {
            return Long.parseLong(Shell.run(line));
        }
    }
}
