package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.DataPath;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small I/O and memory that is not aligned: whatever the kernel takes of it reaches a pool whose disk has sectors of
 * 512 bytes, and one whose disk has 4096, and comes back.
 */
class AlignmentIT {
    /** A pool on a disk with sectors of 4096 bytes. */
    private static final String COARSE = "coarse";

    private static final String PROGRAM = "/run/unaligned";

    static Stream<Arguments> pathsAndPools() {
        return Guest.dataPathsOfTheLiving()
                .flatMap(path -> Stream.of(Guest.POOL, COARSE).map(pool -> Arguments.of(path, pool)));
    }

    @BeforeAll
    static void compile() {
        Shell.run("gcc -O1 -o " + PROGRAM + " " + Guest.environment("E2E_UNALIGNED"));
    }

    @ParameterizedTest
    @MethodSource("pathsAndPools")
    void isNeverAnIoError(DataPath path, String pool) {
        AttachOptions options = AttachOptions.newBuilder().setDataPath(path).build();
        try (TestVolume volume = TestVolume.attached(pool, "aligned", 32 * Guest.MIB, options)) {
            assertThat(volume.device().getDataPath()).isEqualTo(path);
            assertThat(Shell.number(Guest.queueSysfs(volume.device()) + "logical_block_size"))
                    .isEqualTo(pool.equals(COARSE) ? 4096 : 512);
            System.out.println(path + " on " + pool + ": " + Shell.run(PROGRAM + " " + volume.path()));
            throughTheCache(volume.path());
        }
    }

    /** Three sectors in the middle of a block, buffered: read, changed and written as whole blocks by the kernel. */
    private static void throughTheCache(String device) {
        Shell.run("head -c 1536 /dev/urandom > /run/sectors"
                + " && dd if=/run/sectors of=" + device + " bs=512 seek=3 conv=fsync status=none"
                + " && blockdev --flushbufs " + device
                + " && dd if=" + device + " bs=512 skip=3 count=3 status=none | cmp - /run/sectors");
    }
}
