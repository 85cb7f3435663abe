package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A backend's fault reaches the user of its own device, as what it is, and nobody else. */
class FaultIT {
    @ParameterizedTest
    @CsvSource({"eio, Input/output error", "enospc, No space left on device"})
    void reachesOnlyItsOwnUser(String pool, String message) {
        AttachOptions options = AttachOptions.getDefaultInstance();
        try (TestVolume good = TestVolume.attached("beside-" + pool, 32 * Guest.MIB);
                TestVolume bad = TestVolume.attached(pool, "bad-" + pool, 32 * Guest.MIB, options)) {
            Shell.Result failed =
                    Shell.attempt("dd if=/dev/zero of=" + bad.path() + " bs=4k count=1 oflag=direct status=none");
            assertThat(failed.status()).isNotZero();
            assertThat(failed.output()).contains(message);
            Shell.run("dd if=/dev/urandom of=" + good.path() + " bs=1M count=8 oflag=direct conv=fsync status=none");
            Shell.run("dd if=" + bad.path() + " of=/dev/null bs=4k count=1 iflag=direct status=none");
        }
    }
}
