package io.ublkcsi.engine.frontend.vduse;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.engine.block.BlockLimits;
import io.ublkcsi.engine.sys.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the driver is told, message by message; virtio-vdpa sends only the first kind, vhost-vdpa all. */
class VduseMessagesTest {
    private static final int ID = 77;
    private static final int UNKNOWN = 9;

    private final MemorySegment request = Arena.ofAuto().allocate(VduseRequest.LENGTH, 8);
    private final MemorySegment response = Arena.ofAuto().allocate(VduseResponse.LENGTH, 8);
    private final List<String> asked = new ArrayList<>();
    private boolean accepts = true;

    private final VduseMessages.Driver driver = new VduseMessages.Driver() {
        @Override
        public boolean onStatus(int status) {
            asked.add("status " + status);
            return accepts;
        }

        @Override
        public int queueState(int queue) {
            asked.add("queue " + queue);
            if (queue > 3) {
                throw new IndexOutOfBoundsException(queue);
            }
            return 0xfffe;
        }

        @Override
        public void forget(long first, long last) {
            asked.add("forget " + first + " to " + last);
        }
    };

    private int answer(int type) {
        request.set(Memory.INT, VduseRequest.TYPE, type);
        request.set(Memory.INT, VduseRequest.REQUEST_ID, ID);
        response.fill((byte) 0xff);
        VduseMessages.answer(driver, request, response);
        assertThat(response.get(Memory.INT, VduseResponse.REQUEST_ID)).isEqualTo(ID);
        return response.get(Memory.INT, VduseResponse.RESULT);
    }

    @Test
    void aStatusIsTakenOrRefused() {
        request.set(Memory.BYTE, VduseRequest.STATUS, (byte) VirtioStatus.FAILED);
        assertThat(answer(VduseRequest.SET_STATUS)).isEqualTo(VduseResponse.RESULT_OK);
        accepts = false;
        assertThat(answer(VduseRequest.SET_STATUS)).isEqualTo(VduseResponse.RESULT_FAILED);
        assertThat(asked).containsExactly("status 128", "status 128");
    }

    @Test
    void aQueuesStateIsItsNextAvailableEntry() {
        request.set(Memory.INT, VduseRequest.VQ_INDEX, 3);
        assertThat(answer(VduseRequest.GET_VQ_STATE)).isEqualTo(VduseResponse.RESULT_OK);
        assertThat(response.get(Memory.INT, VduseResponse.VQ_INDEX)).isEqualTo(3);
        assertThat(response.get(Memory.SHORT, VduseResponse.VQ_SPLIT) & 0xffff).isEqualTo(0xfffe);
        request.set(Memory.INT, VduseRequest.VQ_INDEX, 4);
        assertThat(answer(VduseRequest.GET_VQ_STATE)).isEqualTo(VduseResponse.RESULT_FAILED);
    }

    @Test
    void memoryIsForgottenAndTheUnknownIsRefused() {
        request.set(Memory.LONG, VduseRequest.IOVA_START, 4096L);
        request.set(Memory.LONG, VduseRequest.IOVA_LAST, 8191L);
        assertThat(answer(VduseRequest.UPDATE_IOTLB)).isEqualTo(VduseResponse.RESULT_OK);
        assertThat(asked).containsExactly("forget 4096 to 8191");
        assertThat(answer(UNKNOWN)).isEqualTo(VduseResponse.RESULT_FAILED);
    }

    @Test
    void whatADriverMayWant() {
        long offered = BlkConfig.features(BlockLimits.memory(1 << 20, 512));
        long least = VirtioFeature.bits(VirtioFeature.VERSION_1, VirtioFeature.ACCESS_PLATFORM);
        assertThat(VirtioFeature.isAcceptable(offered, offered)).isTrue();
        assertThat(VirtioFeature.isAcceptable(least, offered)).isTrue();
        assertThat(VirtioFeature.isAcceptable(VirtioFeature.bits(VirtioFeature.VERSION_1), offered))
                .as("without addresses of its own")
                .isFalse();
        assertThat(VirtioFeature.isAcceptable(VirtioFeature.bits(VirtioFeature.ACCESS_PLATFORM), offered))
                .as("the old ring")
                .isFalse();
        int packed = 34;
        assertThat(VirtioFeature.isAcceptable(offered | VirtioFeature.bits(packed), offered))
                .as("what was not offered")
                .isFalse();
    }
}
