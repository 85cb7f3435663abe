package io.ublkcsi.common.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.VolumeParameters;
import io.ublkcsi.common.store.VolumeStore.Change;
import io.ublkcsi.common.store.VolumeStore.Change.Kind;
import io.ublkcsi.common.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What controller and node plugin rely on, whichever store it is. Each test has ids of its own. */
public abstract class VolumeStoreContract {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long GIB = 1L << 30;

    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private VolumeStore controller;
    private VolumeStore node;

    /** Opens the store once more, as another process would. */
    protected abstract VolumeStore open(boolean ofNode) throws Exception;

    /** After every opened store was closed. */
    protected void closeBackend() {}

    /** Makes the record of a volume look as if a newer version had written it. */
    protected abstract void writeNewerFormat(String volumeId) throws Exception;

    /** The one node there is. */
    protected static String nodeName() {
        return "node-1";
    }

    @BeforeEach
    void openTwice() throws Exception {
        controller = open(false);
        node = open(true);
    }

    @AfterEach
    void close() {
        controller.volumes().list().stream()
                .filter(entry -> entry.id().endsWith(run))
                .forEach(entry -> controller.volumes().remove(entry.id()));
        controller.close();
        node.close();
        closeBackend();
    }

    private String id(String name) {
        return name + "-" + run;
    }

    /** A wish with everything in it. */
    protected static VolumeSpec volume(String id) {
        return new VolumeSpec(
                id,
                "name of " + id,
                nodeName(),
                1,
                false,
                GIB,
                new Source(Source.Kind.SNAPSHOT, "snap-1"),
                new VolumeParameters(
                        "local",
                        io.ublkcsi.common.parameters.Filesystem.XFS,
                        List.of("-i", "size=512"),
                        List.of("noatime"),
                        4096,
                        2,
                        64,
                        VolumeParameters.DataPath.USER_COPY,
                        VolumeParameters.Provisioning.PREALLOCATED,
                        false,
                        VolumeParameters.Recovery.FAIL,
                        VolumeParameters.Frontend.UBLK),
                List.of("mount xfs SINGLE_NODE_WRITER"),
                1_700_000_000_123L,
                new VolumeSpec.Claim("shop", "data"),
                true);
    }

    private SnapshotSpec snapshot(String id) {
        return new SnapshotSpec(id, "name of " + id, nodeName(), 1, false, id("v"), "local", 1_700_000_000_123L);
    }

    @Test
    void aWishIsReadAsItWasWritten() {
        VolumeSpec wish = volume(id("v"));
        assertThat(controller.volumes().add(wish)).isTrue();
        assertThat(node.volumes().get(wish.id())).contains(new Entry<>(wish, VolumeStatus.UNKNOWN));
        SnapshotSpec snapshot = snapshot(id("s"));
        assertThat(controller.snapshots().add(snapshot)).isTrue();
        assertThat(node.snapshots().get(snapshot.id())).contains(new Entry<>(snapshot, SnapshotStatus.UNKNOWN));
        node.snapshots().remove(snapshot.id());
    }

    @Test
    void aWishWithoutWhatMayBeMissingIsReadAsItWasWritten() {
        VolumeSpec full = volume(id("v"));
        VolumeParameters p = full.parameters();
        VolumeSpec wish = new VolumeSpec(
                full.id(),
                full.name(),
                nodeName(),
                1,
                false,
                GIB,
                null,
                new VolumeParameters(
                        p.pool(),
                        null,
                        List.of(),
                        List.of(),
                        0,
                        0,
                        0,
                        p.dataPath(),
                        p.provisioning(),
                        true,
                        p.recovery(),
                        p.frontend()),
                List.of("block"),
                0,
                null,
                false);
        controller.volumes().add(wish);
        assertThat(node.volumes().get(wish.id())).contains(new Entry<>(wish, VolumeStatus.UNKNOWN));
    }

    @Test
    void aStatusIsReadAsItWasWritten() {
        String id = id("v");
        controller.volumes().add(volume(id));
        VolumeStatus status = new VolumeStatus(
                1,
                true,
                5 * GIB,
                40,
                CsiFault.Kind.OUT_OF_SPACE,
                "the pool is full: free some",
                true,
                true,
                true,
                GIB,
                List.of(new VolumeStatus.Pod("shop", "cart-0", "uid-1")),
                "/dev/sda by tcmu, auto: this node has no other");
        node.volumes().report(id, _ -> status);
        assertThat(controller.volumes().get(id)).map(Entry::status).contains(status);
        SnapshotStatus snapshot =
                new SnapshotStatus(1, true, true, GIB, 1_700_000_000_456L, 100, CsiFault.Kind.INTERNAL, "so");
        controller.snapshots().add(snapshot(id("s")));
        node.snapshots().report(id("s"), _ -> snapshot);
        assertThat(controller.snapshots().get(id("s"))).map(Entry::status).contains(snapshot);
        node.snapshots().remove(id("s"));
    }

    @Test
    void anIdIsTakenOnce() {
        assertThat(controller.volumes().add(volume(id("v")))).isTrue();
        assertThat(controller.volumes().add(volume(id("v")).withSize(2 * GIB))).isFalse();
        assertThat(controller.volumes().get(id("v")).orElseThrow().spec().sizeBytes())
                .isEqualTo(GIB);
    }

    @Test
    void theListIsInTheOrderOfIds() {
        Stream.of("b", "c", "a").forEach(name -> controller.volumes().add(volume(id(name))));
        assertThat(controller.volumes().list().stream().map(Entry::id).filter(id -> id.endsWith(run)))
                .containsExactly(id("a"), id("b"), id("c"));
    }

    @Test
    void aChangeOfAWishIsSeenAndAnEqualOneIsNone() {
        String id = id("v");
        controller.volumes().add(volume(id));
        assertThat(controller
                        .volumes()
                        .update(id, wish -> wish.withSize(2 * GIB))
                        .spec()
                        .generation())
                .isEqualTo(2);
        assertThat(controller
                        .volumes()
                        .update(id, wish -> wish.withSize(2 * GIB))
                        .spec()
                        .generation())
                .isEqualTo(2);
        assertThat(node.volumes().get(id).orElseThrow().spec())
                .isEqualTo(volume(id).withSize(2 * GIB));
    }

    @Test
    void aWishThatCouldNotBeFulfilledIsTakenBack() {
        String id = id("v");
        controller.volumes().add(volume(id));
        node.volumes().report(id, status -> status.fulfilled(1, GIB));
        controller.volumes().update(id, wish -> wish.withSize(2 * GIB));
        assertThat(controller
                        .volumes()
                        .update(id, wish -> wish.withSize(GIB))
                        .spec()
                        .sizeBytes())
                .isEqualTo(GIB);
    }

    @Test
    void whatIsNotThereCantBeChangedAndMayBeRemoved() {
        assertThatThrownBy(() -> controller.volumes().update(id("none"), wish -> wish))
                .isInstanceOf(CsiFault.NotFound.class);
        node.volumes().report(id("none"), status -> status.fulfilled(1, GIB));
        node.volumes().remove(id("none"));
        assertThat(controller.volumes().get(id("none"))).isEmpty();
    }

    @Test
    void aRecordThatWasMadeAgainHasNoOldStatus() {
        String id = id("v");
        controller.volumes().add(volume(id));
        node.volumes().report(id, status -> status.fulfilled(1, GIB));
        node.volumes().remove(id);
        assertThat(controller.volumes().get(id)).isEmpty();
        controller.volumes().add(volume(id));
        assertThat(node.volumes().get(id)).map(Entry::status).contains(VolumeStatus.UNKNOWN);
    }

    @Test
    void neitherWriterLosesWhatTheOtherWrote() throws InterruptedException {
        String id = id("v");
        controller.volumes().add(volume(id));
        CountDownLatch done = new CountDownLatch(2);
        Thread.startVirtualThread(() -> {
            IntStream.rangeClosed(1, 10)
                    .forEach(i -> controller.volumes().update(id, wish -> wish.withSize(GIB * (i + 1))));
            done.countDown();
        });
        Thread.startVirtualThread(() -> {
            IntStream.rangeClosed(1, 10).forEach(i -> node.volumes().report(id, status -> status.underWay(i, "copy")));
            done.countDown();
        });
        assertThat(done.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Entry<VolumeSpec, VolumeStatus> last = controller.volumes().get(id).orElseThrow();
        assertThat(last.spec().generation()).isEqualTo(11);
        assertThat(last.status().progressPercent()).isEqualTo(10);
    }

    @Test
    void manyReportersOfOneRecordAllCount() throws InterruptedException {
        String id = id("v");
        controller.volumes().add(volume(id));
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            VolumeStatus.Pod pod = new VolumeStatus.Pod("ns", "pod-" + i, "uid-" + i);
            Thread.startVirtualThread(() -> {
                node.volumes().report(id, status -> status.withPod(pod));
                done.countDown();
            });
        }
        assertThat(done.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(controller.volumes().get(id).orElseThrow().status().pods()).hasSize(4);
    }

    @Test
    void changesAreHeardOnBothSides() {
        Queue<Change> atNode = new ConcurrentLinkedQueue<>();
        Queue<Change> atController = new ConcurrentLinkedQueue<>();
        Change change = new Change(Kind.VOLUME, id("v"));
        try (var _ = node.watch(atNode::add);
                var _ = controller.watch(atController::add)) {
            controller.volumes().add(volume(id("v")));
            await().atMost(LIMIT).until(() -> atNode.contains(change) && atController.contains(change));
            atNode.clear();
            atController.clear();
            node.volumes().report(id("v"), status -> status.fulfilled(1, GIB));
            await().atMost(LIMIT).until(() -> atController.contains(change));
            atController.clear();
            node.volumes().remove(id("v"));
            await().atMost(LIMIT).until(() -> atController.contains(change));
            controller.snapshots().add(snapshot(id("s")));
            await().atMost(LIMIT).until(() -> atNode.contains(new Change(Kind.SNAPSHOT, id("s"))));
            node.snapshots().remove(id("s"));
        }
    }

    @Test
    void whoWaitsIsWokenByTheOther() {
        String id = id("v");
        controller.volumes().add(volume(id));
        Thread.startVirtualThread(() -> node.volumes().report(id, status -> status.fulfilled(1, GIB)));
        assertThat(new StoreWait(controller)
                        .until(Kind.VOLUME, controller.volumes(), id, VolumeStatus::ready, Deadline.in(LIMIT)))
                .map(entry -> entry.status().ready())
                .contains(true);
    }

    @Test
    void poolsAreSeenAsReportedAndReplacedAsAWhole() {
        PoolReport fast = new PoolReport(nodeName(), "fast", "file", 100 * GIB, 50 * GIB, 40 * GIB, true, 512, "");
        PoolReport slow = new PoolReport(nodeName(), "slow", "file", GIB, 0, 0, false, 4096, "it is full");
        node.reportPools(nodeName(), List.of(fast, slow));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(ours()).containsExactly(fast, slow));
        PoolReport now = new PoolReport(nodeName(), "fast", "file", 100 * GIB, 49 * GIB, 40 * GIB, true, 512, "");
        node.reportPools(nodeName(), List.of(now));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(ours()).containsExactly(now));
        node.reportPools(nodeName(), List.of());
        await().atMost(LIMIT).untilAsserted(() -> assertThat(ours()).isEmpty());
    }

    private List<PoolReport> ours() {
        return controller.pools().stream()
                .filter(pool -> pool.node().equals(nodeName()))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(CsiFault.Kind.class)
    void everyFailureCanBeKept(CsiFault.Kind kind) {
        String id = id("v");
        controller.volumes().add(volume(id));
        node.volumes().report(id, status -> status.failed(1, CsiFault.of(kind, "why")));
        assertThat(controller.volumes().get(id).orElseThrow().status().failure())
                .isEqualTo(kind);
    }

    @Test
    void aRecordOfANewerVersionIsRefusedWithTheCure() throws Exception {
        String id = id("v");
        controller.volumes().add(volume(id));
        writeNewerFormat(id);
        assertThatThrownBy(() -> controller.volumes().get(id))
                .isInstanceOf(CsiFault.Precondition.class)
                .hasMessageContaining("formatVersion")
                .hasMessageContaining("upgrade");
        node.volumes().remove(id);
    }
}
