package io.ublkcsi.engine.frontend.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.frontend.DataPath;
import io.ublkcsi.engine.frontend.DataPathChoice;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DataPathChooserTest {
    private static final Set<UblkFeature> NEWEST = EnumSet.allOf(UblkFeature.class);
    private static final Set<UblkFeature> OLD =
            EnumSet.of(UblkFeature.USER_COPY, UblkFeature.SUPPORT_ZERO_COPY, UblkFeature.AUTO_BUF_REG);

    @Test
    void theFastestThatTheKernelHasAndNoneThatEndangersTheNode() {
        assertThat(choose(NEWEST, false))
                .isEqualTo(new DataPathChoice(DataPath.ZERO_COPY_AUTO, "the fastest, and the kernel has it"));
        assertThat(choose(EnumSet.of(UblkFeature.USER_COPY), false))
                .isEqualTo(new DataPathChoice(
                        DataPath.USER_COPY, "the kernel has no SUPPORT_ZERO_COPY, which comes with 6.15"));
    }

    @Test
    void whatLooksAtTheDataIsCopied() {
        DataPathChoice choice = choose(NEWEST, true);
        assertThat(choice.path()).isEqualTo(DataPath.USER_COPY);
        assertThat(choice.reason()).contains("looks at the data");
    }

    @Test
    void whatIsAskedForIsTakenOrRefusedWithTheKernelThatHasIt() {
        DataPathChoice batch = DataPathChooser.choose(NEWEST, limits(false), DataPath.ZERO_COPY_BATCH);
        assertThat(batch.path()).isEqualTo(DataPath.ZERO_COPY_BATCH);
        assertThat(batch.reason()).startsWith("asked for, although");
        assertThatThrownBy(() -> DataPathChooser.choose(OLD, limits(false), DataPath.ZERO_COPY_BATCH))
                .hasMessageContaining("needs BATCH_IO, which kernels have from 7.0 on");
    }

    @Test
    void aDeviceThatIsThereIsServedAsItWasMade() {
        DataPathChoice batch = DataPathChooser.of(UblkFeature.neededBy(DataPath.ZERO_COPY_BATCH));
        assertThat(batch.path()).isEqualTo(DataPath.ZERO_COPY_BATCH);
        assertThat(batch.reason()).contains("may stop the kernel");
        assertThat(DataPathChooser.of(UblkFeature.neededBy(DataPath.ZERO_COPY_AUTO))
                        .path())
                .isEqualTo(DataPath.ZERO_COPY_AUTO);
    }

    private static DataPathChoice choose(Set<UblkFeature> kernel, boolean needsData) {
        return DataPathChooser.choose(kernel, limits(needsData), null);
    }

    private static BlockLimits limits(boolean needsData) {
        return new BlockLimits(1 << 20, 512, 4096, 0, 1, 0, false, true, true, true, false, needsData);
    }
}
