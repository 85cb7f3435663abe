package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DirectIoTest {
    @Test
    void aBlockHasRoomForOneBlockWhereverItsMemoryIs() {
        // One in 32 pieces of malloc's memory is aligned as it is.
        List<ByteBuffer> kept = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            ByteBuffer block = DirectIo.block(512);
            kept.add(block);
            assertThat(block.clear().limit()).isEqualTo(512);
            assertThat(block.alignmentOffset(0, 512)).isZero();
        }
        assertThat(kept).hasSize(1000);
    }
}
