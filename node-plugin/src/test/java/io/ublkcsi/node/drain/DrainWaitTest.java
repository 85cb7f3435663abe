package io.ublkcsi.node.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.ublkcsi.common.store.FileVolumeStore;
import io.ublkcsi.common.store.PlainVolume;
import io.ublkcsi.common.store.VolumeStore;
import io.ublkcsi.common.time.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DrainWaitTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private VolumeStore store;

    @BeforeEach
    void open() throws IOException {
        store = FileVolumeStore.open(folder);
        store.volumes().add(PlainVolume.of("v", 1 << 30));
        store.volumes().report("v", status -> status.withDevice(true, true));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static Node node(boolean cordoned) {
        return new NodeBuilder()
                .withNewSpec()
                .withUnschedulable(cordoned)
                .endSpec()
                .build();
    }

    private static Node shuttingDown() {
        return new NodeBuilder(node(false))
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("False")
                .withReason("KubeletNotReady")
                .withMessage("node is shutting down")
                .endCondition()
                .endStatus()
                .build();
    }

    private String wait(Node node, Duration limit, Duration idle) throws InterruptedException {
        return new DrainWait(store, "node-1", () -> node).run(Deadline.in(limit), idle);
    }

    @Test
    void aRollOutIsNotHeldUp() throws InterruptedException {
        assertThat(wait(node(false), LONG, LONG)).contains("not being drained");
    }

    @Test
    void aDrainIsWaitedForUntilTheLastVolumeIsGivenBack() throws InterruptedException {
        Thread.startVirtualThread(() -> store.volumes().report("v", status -> status.withDevice(false, false)));
        assertThat(wait(node(true), LONG, LONG)).contains("no volume is left");
    }

    @Test
    void aNodeThatShutsDownIsDrained() throws InterruptedException {
        assertThat(DrainWait.isDraining(shuttingDown())).isTrue();
        assertThat(wait(shuttingDown(), Duration.ZERO, LONG)).contains("the time is over");
    }

    @Test
    void aNodeThatIsMerelyCordonedIsNoReasonToStay() throws InterruptedException {
        assertThat(wait(node(true), LONG, Duration.ZERO)).contains("nothing changed");
    }
}
