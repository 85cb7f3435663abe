package io.ublkcsi.controller.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.ParameterParser;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.common.store.PlainVolume;
import io.ublkcsi.common.store.PoolReport;
import io.ublkcsi.common.store.StoreWait;
import io.ublkcsi.common.time.Deadline;
import io.ublkcsi.controller.capacity.GetCapacity;
import io.ublkcsi.controller.node.Nodes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of volumes whose node is not there. */
final class RemovalTest {
    @TempDir
    Path folder;

    private FileVolumeStore store;

    /** One node, as it is said to be. */
    private record OneNode(Nodes.Standing standing, boolean released) implements Nodes {
        @Override
        public Standing of(String node) {
            return standing;
        }

        @Override
        public boolean isReleased(String node) {
            return released;
        }
    }

    @BeforeEach
    void open() throws IOException {
        store = FileVolumeStore.open(folder);
        store.volumes().add(PlainVolume.of("v", 1 << 30));
        store.volumes().report("v", status -> status.fulfilled(1, 1 << 30).withDevice(true, true));
        store.reportPools("node-1", List.of(new PoolReport("node-1", "default", "file", 100, 50, 40, true, 512, "")));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void delete(Nodes.Standing standing, boolean released) {
        new DeleteVolume(store, new StoreWait(store), new OneNode(standing, released))
                .run("v", Deadline.in(Duration.ofMillis(50)));
    }

    private boolean isMarked() {
        return store.volumes().get("v").orElseThrow().spec().deleting();
    }

    @Test
    void whatIsInUseStays() {
        assertThatThrownBy(() -> delete(Nodes.Standing.PRESENT, false)).isInstanceOf(CsiFault.Precondition.class);
        assertThat(isMarked()).isFalse();
    }

    @Test
    void aNodeOutOfServiceUsesNothingAndRemovesItWhenItIsBack() {
        assertThatThrownBy(() -> delete(Nodes.Standing.OUT_OF_SERVICE, false))
                .isInstanceOf(CsiFault.Unavailable.class)
                .hasMessageContaining("out-of-service");
        assertThat(isMarked()).isTrue();
    }

    @Test
    void aNodeThatIsGoneIsAnsweredRetryablyWithTheCure() {
        assertThatThrownBy(() -> delete(Nodes.Standing.GONE, false))
                .isInstanceOf(CsiFault.Unavailable.class)
                .hasMessageContaining("--release-deleted-nodes-after");
        assertThat(isMarked()).isTrue();
    }

    @Test
    void whatAReleasedNodeHadIsForgotten() {
        delete(Nodes.Standing.GONE, true);
        assertThat(store.volumes().get("v")).isEmpty();
    }

    @Test
    void aNodeThatIsNotThereHasNoRoom() {
        GetCapacity.Question question = new GetCapacity.Question(List.of(), ParameterParser.parse(Map.of()), null);
        assertThat(new GetCapacity(store, new OneNode(Nodes.Standing.PRESENT, false))
                        .run(question)
                        .available())
                .isEqualTo(50);
        assertThat(new GetCapacity(store, new OneNode(Nodes.Standing.OUT_OF_SERVICE, false))
                        .run(question)
                        .available())
                .isZero();
        Placement placement = new Placement(store, new OneNode(Nodes.Standing.GONE, false));
        assertThatThrownBy(() -> placement.choose("default", 10, new TopologyWish(List.of(), List.of())))
                .isInstanceOf(CsiFault.OutOfSpace.class)
                .hasMessageContaining("no node node-1");
    }
}
