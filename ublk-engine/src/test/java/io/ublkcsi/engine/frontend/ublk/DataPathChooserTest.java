package io.ublkcsi.engine.frontend.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.engine.backend.file.FileBackend;
import io.ublkcsi.engine.backend.file.FileImage;
import io.ublkcsi.engine.backend.none.NoneBackend;
import io.ublkcsi.engine.block.Backend;
import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import io.ublkcsi.engine.frontend.DeviceOptions;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DataPathChooserTest {
    private static final Set<UblkFeature> NEWEST = EnumSet.allOf(UblkFeature.class);
    private static final Set<UblkFeature> OLD =
            EnumSet.of(UblkFeature.USER_COPY, UblkFeature.SUPPORT_ZERO_COPY, UblkFeature.AUTO_BUF_REG);

    @Test
    void aVolumeInAFileIsServedInBatchesWhereTheKernelCan() {
        assertThat(choose(NEWEST, file(false), 128))
                .isEqualTo(new DataPathChoice(DataPath.ZERO_COPY_BATCH, "the fastest, and the kernel has it"));
        assertThat(choose(OLD, file(false), 128))
                .isEqualTo(new DataPathChoice(
                        DataPath.ZERO_COPY_AUTO, "the kernel has no BATCH_IO, which comes with 7.0"));
    }

    @Test
    void batchesAreNotForWhatGainsNothingByThem() {
        DataPathChoice none = choose(NEWEST, new NoneBackend(1 << 20, 512), 128);
        assertThat(none.path()).isEqualTo(DataPath.ZERO_COPY_AUTO);
        assertThat(none.reason()).contains("end at once");
        DataPathChoice shallow = choose(NEWEST, file(false), 4);
        assertThat(shallow.path()).isEqualTo(DataPath.ZERO_COPY_AUTO);
        assertThat(shallow.reason()).contains("requests at a time");
    }

    @Test
    void whatLooksAtTheDataIsCopied() {
        DataPathChoice choice = choose(NEWEST, file(true), 128);
        assertThat(choice.path()).isEqualTo(DataPath.USER_COPY);
        assertThat(choice.reason()).contains("looks at the data");
    }

    @Test
    void whatIsAskedForIsTakenOrRefusedWithTheKernelThatHasIt() {
        DeviceOptions batch = new DeviceOptions(null, DataPath.ZERO_COPY_BATCH, 1, 4, 0, false);
        assertThat(DataPathChooser.choose(NEWEST, new NoneBackend(1 << 20, 512), batch))
                .isEqualTo(new DataPathChoice(DataPath.ZERO_COPY_BATCH, "asked for"));
        assertThatThrownBy(() -> DataPathChooser.choose(OLD, file(false), batch))
                .hasMessageContaining("needs BATCH_IO, which kernels have from 7.0 on");
    }

    @Test
    void aDeviceThatIsThereIsServedAsItWasMade() {
        assertThat(DataPathChooser.of(UblkFeature.neededBy(DataPath.ZERO_COPY_BATCH))
                        .path())
                .isEqualTo(DataPath.ZERO_COPY_BATCH);
        assertThat(DataPathChooser.of(UblkFeature.neededBy(DataPath.ZERO_COPY_AUTO))
                        .path())
                .isEqualTo(DataPath.ZERO_COPY_AUTO);
    }

    private static DataPathChoice choose(Set<UblkFeature> kernel, Backend backend, int depth) {
        return DataPathChooser.choose(kernel, backend, new DeviceOptions(null, null, 1, depth, 0, false));
    }

    private static Backend file(boolean needsData) {
        BlockLimits disk = BlockLimits.memory(1 << 20, 512);
        BlockLimits limits = needsData
                ? disk
                : new BlockLimits(disk.sizeBytes(), 512, 4096, 0, 1, 0, false, true, true, true, false, false);
        return new FileBackend(new FileImage(0, true, () -> null), limits);
    }
}
