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
    private static final String FIO = "fio --name=v --ioengine=io_uring --direct=1 --verify=crc32c --verify_fatal=1"
            + " --randrepeat=0 --group_reporting --output-format=terse --terse-version=3 ";

    static Stream<Arguments> paths() {
        int cpus = Runtime.getRuntime().availableProcessors();
        return Guest.dataPaths()
                .flatMap(path -> Stream.of(1, Math.min(4, cpus)).distinct().map(queues -> Arguments.of(path, queues)));
    }

    private static TestVolume volume(DataPath path, int queues) {
        AttachOptions options =
                AttachOptions.newBuilder().setDataPath(path).setQueues(queues).build();
        TestVolume volume = TestVolume.attached(Guest.POOL, "verify", 64 * Guest.MIB, options);
        assertThat(volume.device().getDataPath()).isEqualTo(path);
        assertThat(volume.device().getQueues()).isEqualTo(queues);
        return volume;
    }

    @ParameterizedTest
    @MethodSource("paths")
    void random512To1MWithFlushAndFua(DataPath path, int queues) {
        try (TestVolume volume = volume(path, queues)) {
            Shell.run(FIO + "--filename=" + volume.path()
                    + " --rw=randwrite --bssplit=512/20:1536/10:4k/30:20k/20:128k/15:1m/5 --blockalign=512 --iodepth=16"
                    + " --size=48m --fsync=32 --serialize_overlap=1");
            Shell.run(
                    FIO + "--filename=" + volume.path() + " --rw=randwrite --bs=4k --iodepth=8 --size=2m --sync=dsync");
        }
    }

    @ParameterizedTest
    @MethodSource("paths")
    void sequentialAndSmall(DataPath path, int queues) {
        try (TestVolume volume = volume(path, queues)) {
            Shell.run(FIO + "--filename=" + volume.path() + " --rw=write --bs=1m --iodepth=8 --size=64m");
            Shell.run(FIO + "--filename=" + volume.path() + " --rw=write --bs=512 --iodepth=32 --size=1m");
            Shell.run(FIO + "--filename=" + volume.path() + " --rw=randwrite --bs=4k --iodepth=64 --numjobs=2"
                    + " --size=8m --offset_increment=16m");
        }
    }
}
