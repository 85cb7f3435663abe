package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DetachRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An engine is told to end while none of a device's tags is idle. */
class HandOverIT {
    private static final String FOLDER = "/mnt/pool-kills";
    private static final Path STOP = Path.of("/run/hand-over-stop");
    private static final int DEPTH = 2;
    private static final String VOLUME = "busy";
    private static final String SLOW =
            "name=slow,kind=fault,pool=" + Engines.POOL + ",faults=\"seed=1,op=write,delay=3s@1\"";

    /**
     * What is under way is done by the next engine, whether QUIESCE_DEV refuses or not. By its description it answers
     * EBUSY without an idle tag; 7.2 never does, because it counts only the busy requests that were not started
     * (ublk_count_busy_req).
     */
    @Test
    void whatIsUnderWayIsDoneByTheNextEngine() throws Exception {
        try (Engines engines = Engines.withPool("hand-over", FOLDER, List.of(SLOW))) {
            Process first = engines.start();
            String device = attach(engines);
            Process second = engines.startStandby();
            Files.deleteIfExists(STOP);
            List<Process> writers = List.of(write(device, 0), write(device, 1));
            Engines.await("writes under way", () -> Guest.inFlight(device).matches("0 +" + DEPTH));
            assertThat(Engines.terminate(first)).isEqualTo(143);
            Files.createFile(STOP);
            for (Process writer : writers) {
                assertThat(writer.waitFor(300, TimeUnit.SECONDS)).isTrue();
                assertThat(writer.exitValue()).isZero();
            }
            engines.awaitAllLive();
            engines.api()
                    .detach(DetachRequest.newBuilder()
                            .setPool("slow")
                            .setVolumeId(VOLUME)
                            .build());
            Engines.terminate(second);
        }
    }

    private static String attach(Engines engines) {
        engines.create(VOLUME, 16 * Guest.MIB);
        AttachOptions shallow = AttachOptions.newBuilder().setDepth(DEPTH).build();
        return engines.attach("slow", VOLUME, shallow).getPath();
    }

    /** Writes a block again and again until {@link #STOP} is there, or a write fails. */
    private static Process write(String device, int block) throws Exception {
        return new ProcessBuilder(
                        "bash",
                        "-c",
                        "until [ -e " + STOP + " ]; do dd if=/dev/zero of=" + device + " bs=4k count=1 seek=" + block
                                + " oflag=direct conv=nocreat,notrunc || exit 1; done")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
