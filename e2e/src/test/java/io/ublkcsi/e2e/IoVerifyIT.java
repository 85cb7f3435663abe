package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DataPath;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is what is read: fio with checksums, every data path of the kernel, one queue and four. */
class IoVerifyIT {
    /**
     * One process for all: to start one is what takes longest in a guest. Each job has a part of the disk to itself.
     */
    private static final String FIO = "fio --ioengine=io_uring --direct=1 --verify=crc32c"
            + " --verify_fatal=1 --randrepeat=0"
            + " --group_reporting --output-format=terse --terse-version=3 --filename=%s"
            + " --name=random --rw=randwrite --bssplit=512/20:1536/10:4k/30:20k/20:128k/15:1m/5 --blockalign=512"
            + " --iodepth=16 --size=12m --fsync=32 --serialize_overlap=1"
            + " --name=fua --stonewall --rw=randwrite --bs=4k --iodepth=8 --offset=12m --size=1m --sync=dsync"
            + " --name=sequential --stonewall --rw=write --bs=1m --iodepth=8 --offset=16m --size=16m"
            + " --name=sectors --stonewall --rw=write --bs=512 --iodepth=32 --offset=14m --size=128k"
            + " --name=two --stonewall --rw=randwrite --bs=4k --iodepth=64 --numjobs=2 --offset=32m --size=2m"
            + " --offset_increment=8m";

    static Stream<Arguments> paths() {
        int cpus = Runtime.getRuntime().availableProcessors();
        return Guest.dataPathsOfTheLiving()
                .flatMap(path -> Stream.of(1, Math.min(4, cpus)).distinct().map(queues -> Arguments.of(path, queues)));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void from512BytesTo1MibWithFlushAndFua(DataPath path, int queues) {
        AttachOptions options =
                AttachOptions.newBuilder().setDataPath(path).setQueues(queues).build();
        try (TestVolume volume = TestVolume.attached(Guest.POOL, "verify", 64 * Guest.MIB, options)) {
            assertThat(volume.device().getDataPath()).isEqualTo(path);
            assertThat(volume.device().getQueues()).isEqualTo(queues);
            Shell.run(FIO.formatted(volume.path()));
        }
    }
}
